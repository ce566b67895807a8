/** Smaller images by sharp, if it is installed: it is an optional dependency. */
import { sharpResizer } from "@tendarr/core/artwork/SharpResizer"

export const images = sharpResizer(() => import("sharp"))
