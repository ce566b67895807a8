/** The products whose files can be moved in. */
import { cleanuparr } from "./products/Cleanuparr.ts"
import { maintainerr } from "./products/Maintainerr.ts"
import { prunerr } from "./products/Prunerr.ts"
import type { ProductName } from "./MoveIn.ts"
import type { MovingProduct } from "./Product.ts"

export const products: { readonly [N in ProductName]: MovingProduct } = { prunerr, maintainerr, cleanuparr }
