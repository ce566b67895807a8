#!/usr/bin/env node
import { enableCompileCache } from "node:module"

// Spares a quarter of the start, from the second one on.
enableCompileCache()
await import("../dist/main.js")
