import type { Transform } from "assemblyscript/transform";

/**
 * Describes the exported functions of a module in the custom section that as-bind reads.
 *
 * A class, of which the compiler makes the instance; the compiler's types ask for an instance here.
 */
export const DescribeExports: Transform;
