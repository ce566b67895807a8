#!/usr/bin/env bun
import "../dist/main.js"
