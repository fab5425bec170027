/**
 * Builds the widgets' scripts: AssemblyScript -> WebAssembly -> base64 -> classic scripts for pages, one ES module for
 * notebooks. A page loads gan-lab.js; src/views.json says which of the others gan-lab.js then fetches for which view.
 *
 *   node build.mjs            writes gan-lab*.js and gan-lab.mjs to gan_lab/widgets/static (or $OUT_DIR)
 *   node build.mjs --tests    writes the scripts that the tests run in Node to .build (or $OUT_DIR)
 *   node build.mjs --strings  prints which sentences the table of translations lacks, and which of its own nobody says
 *
 * The same sources give the same bytes: nothing here depends on time, path or machine.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { build, transform } from "esbuild";
import { compare } from "./strings.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const tests = process.argv.includes("--tests");
const out = process.env.OUT_DIR ?? join(here, tests ? ".build" : "../gan_lab/widgets/static");

/** Scripts that a view asks for itself, when a reader first needs them (`part` in ui/load.ts). */
const PARTS = JSON.parse(readFileSync(join(here, "src/parts.json"), "utf8"));

/** Tables from the English sentence to that of a language: each becomes a script that pages in that language fetch. */
const LANGUAGES = { zh: "src/strings.json" };

/** The kernels as base64, so that a page opened from a folder (file://), where fetch is refused, has them too. */
async function compileKernels() {
  const { error, stderr, binary } = await compile("assembly/index.ts");
  if (error) throw new Error(`AssemblyScript: ${error.message}\n${stderr}`);
  return Buffer.from(binary).toString("base64");
}

async function compile(entry) {
  let binary = null;
  const { error, stderr } = await asc.main(
    [
      entry, "-Os", "--noAssert", "--runtime", "stub", "--enable", "simd", "--converge",
      "--importMemory", "--initialMemory", "1", "--use", "abort=", "--outFile", "kernels.wasm",
    ],
    {
      readFile: (name, base) => {
        const path = join(here, base === "." ? "" : base, name);
        return existsSync(path) ? readFileSync(path, "utf8") : null;
      },
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) binary = contents;
      },
      listFiles: () => [],
    },
  );
  return { error, stderr: String(stderr), binary };
}

const wasm = {
  name: "kernels",
  setup(builder) {
    let base64;
    builder.onResolve({ filter: /^kernels:base64$/ }, () => ({ path: "kernels", namespace: "kernels" }));
    builder.onLoad({ filter: /.*/, namespace: "kernels" }, async () => {
      base64 ??= await compileKernels();
      return { contents: `export default ${JSON.stringify(base64)}`, loader: "js" };
    });
  },
};

/** Style sheets as strings, without the spaces. */
const css = {
  name: "css",
  setup(builder) {
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/**
 * What a view's script takes from ui/, engine/ and plane/ is read from the page (src/shared.d.ts), not bundled once
 * more.
 */
const shared = {
  name: "shared",
  setup(builder) {
    builder.onResolve({ filter: /^\.\.\/(ui|engine|plane)\// }, ({ path }) => {
      if (/^\.\.\/(ui\/index|engine\/views|plane\/index)$/.test(path)) {
        return { path: path.slice(3), namespace: "shared" };
      }
      const text = `a view imports from ../ui/index, ../engine/views and ../plane/index only, not from ${path}`;
      return { errors: [{ text }] };
    });
    builder.onLoad({ filter: /.*/, namespace: "shared" }, async ({ path }) => {
      const { metafile } = await bundle({ entry: `src/${path}.ts`, file: "names.js", format: "esm", write: false,
        metafile: true });
      const [{ exports }] = Object.values(metafile.outputs);
      return { contents: `export const { ${exports} } = ganLab.${path.split("/")[0]};` };
    });
  },
};

function bundle({ entry, file, plugins = [], ...options }) {
  return build({
    absWorkingDir: here,
    entryPoints: [entry],
    outfile: join(out, file),
    bundle: true,
    minify: true,
    charset: "utf8",
    legalComments: "none",
    target: "es2022",
    plugins: [...plugins, wasm, css],
    logLevel: "warning",
    ...options,
  });
}

const script = { format: "iife", platform: "browser" };

/** Of what is shared, a script names only what it uses: esbuild keeps a pattern whole. */
function used(code) {
  const counts = new Map();
  for (const [word] of code.matchAll(/[\w$]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return code.replace(/var\{([\w$:,]+)\}=(ganLab\.\w+);/g, (_, names, from) => {
    const kept = names.split(",").filter((pair) => counts.get(pair.split(":").at(-1)) > 1);
    return kept.length ? `var{${kept}}=${from};` : "";
  });
}

async function write(options) {
  await bundle(options);
  const file = join(out, options.file);
  if (options.plugins?.includes(shared)) writeFileSync(file, used(readFileSync(file, "utf8")));
  return version(options.file);
}

function version(file) {
  const bytes = readFileSync(join(out, file));
  console.log(`${file}: ${bytes.length} bytes`);
  return createHash("sha256").update(bytes).digest("hex").slice(0, 8);
}

if (process.argv.includes("--strings")) {
  for (const table of Object.values(LANGUAGES)) {
    for (const [what, all] of Object.entries(compare(here, JSON.parse(readFileSync(join(here, table), "utf8"))))) {
      for (const words of all) console.log(`${table}: ${what}: ${JSON.stringify(words)}`);
      if (all.length) process.exitCode = 1;
    }
  }
  process.exit();
}

mkdirSync(out, { recursive: true });
if (tests) {
  await write({ entry: "tests/run-engine.ts", file: "run-engine.mjs", format: "esm", platform: "node" });
  // the runs behind two views, in Node: what they say is drawn nowhere
  await write({ entry: "tests/run-tour.ts", file: "run-tour.mjs", format: "esm", platform: "node",
    define: { VERSIONS: "{}" } });
  await write({ entry: "tests/run-views.ts", file: "run-views.mjs", format: "esm", platform: "node" });
  await write({ entry: "src/engine/index.ts", file: "engine.mjs", format: "esm", platform: "neutral" });
  await write({ entry: "src/engine/index.ts", file: "engine.js", ...script, globalName: "GanLabEngine" });
  await write({ entry: "src/views/latent-network.ts", file: "latent-network.js", ...script, globalName: "Latent" });
} else {
  const versions = {};
  const needs = JSON.parse(readFileSync(join(here, "src/views.json"), "utf8"));
  for (const name of new Set([...Object.values(needs).flat(), ...PARTS])) {
    const entry = [`src/${name}-entry.ts`, `src/views/${name}.ts`].find((file) => existsSync(join(here, file)));
    versions[name] = await write({ entry, plugins: [shared], file: `gan-lab-${name}.js`, ...script });
  }
  for (const [language, table] of Object.entries(LANGUAGES)) {
    const file = `gan-lab-${language}.js`, sentences = JSON.parse(readFileSync(join(here, table), "utf8"));
    writeFileSync(join(out, file), `ganLab.ui.translations.${language}=${JSON.stringify(sentences)};\n`);
    versions[language] = version(file);
  }
  const define = { VERSIONS: JSON.stringify(versions) };
  await write({ entry: "src/element-entry.ts", file: "gan-lab.js", define, ...script });
  await write({ entry: "src/anywidget-entry.ts", file: "gan-lab.mjs", format: "esm", platform: "browser",
    define: { VERSIONS: "{}" } });
}
