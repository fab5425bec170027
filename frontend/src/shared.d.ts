/**
 * Where the scripts of a page meet: build.mjs turns every import of ui/, engine/ and plane/ in a view's script into
 * this.
 */
declare var ganLab: { ui: typeof import("./ui/index"); engine?: typeof import("./engine/views");
  plane?: typeof import("./plane/index") };
/** The versions of the scripts that are fetched on demand, by name (build.mjs). */
declare const VERSIONS: Record<string, string>;
