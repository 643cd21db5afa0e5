// as-bind ships without types for this file, which is its part for the run time.
declare module "as-bind/dist/as-bind.esm.js" {
  /** A bound module: its exports take and return plain values. */
  export interface Instance {
    readonly exports: Record<string, unknown>;
    /** The compiler's number for a class. */
    getTypeId(typeName: string): number;
  }

  /** How values of one type cross the boundary. */
  export interface Converter {
    ascToJs(instance: Instance, value: number, typeName: string): unknown;
    jsToAsc(instance: Instance, value: unknown, typeName: string): number;
  }

  export const converters: Map<string | RegExp, Converter>;
  export function instantiate(source: BufferSource, imports: object): Promise<Instance>;
}
