/**
 * Builds the widgets' scripts: AssemblyScript -> WebAssembly -> base64 -> one classic script and one ES module.
 *
 *   node build.mjs            writes gan-lab.js and gan-lab.mjs to gan_lab/widgets/static (or $OUT_DIR)
 *   node build.mjs --tests    writes the scripts that the tests run in Node to .build (or $OUT_DIR)
 *
 * The same sources give the same bytes: nothing here depends on time, path or machine.
 */
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const tests = process.argv.includes("--tests");
const out = process.env.OUT_DIR ?? join(here, tests ? ".build" : "../gan_lab/widgets/static");

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

const bundles = tests
  ? [
      { entry: "tests/run-engine.ts", file: "run-engine.mjs", format: "esm", platform: "node" },
      { entry: "src/engine/index.ts", file: "engine.mjs", format: "esm", platform: "neutral" },
      { entry: "src/engine/index.ts", file: "engine.js", format: "iife", platform: "browser", globalName: "GanLabEngine" },
    ]
  : [
      { entry: "src/element-entry.ts", file: "gan-lab.js", format: "iife", platform: "browser" },
      { entry: "src/anywidget-entry.ts", file: "gan-lab.mjs", format: "esm", platform: "browser" },
    ];

mkdirSync(out, { recursive: true });
for (const { entry, file, ...options } of bundles) {
  if (!existsSync(join(here, entry))) {
    console.log(`${file}: skipped, ${entry} does not exist`);
    continue;
  }
  await build({
    absWorkingDir: here,
    entryPoints: [entry],
    outfile: join(out, file),
    bundle: true,
    minify: true,
    charset: "utf8",
    legalComments: "none",
    target: "es2022",
    loader: { ".css": "text" },
    plugins: [wasm],
    logLevel: "warning",
    ...options,
  });
  console.log(`${file}: ${statSync(join(out, file)).size} bytes`);
}
