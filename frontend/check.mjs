/**
 * What `npm run check` asks of every source after its types: no line over 120 characters, and no function over 60
 * lines, counted from its first line to its last with all that is written inside it; and no export that nobody imports.
 * Says every fault and where it lies.
 *
 * A line may be longer where a sentence for the reader is what fills it: the table of translations knows it whole.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isFunctionLikeDeclaration } from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

const LINE = 120;
const FUNCTION = 60;
/** Characters beside a sentence that fills its line. */
const BESIDE = 40;

const here = dirname(fileURLToPath(import.meta.url));
/** Where a tsconfig.json lies: the widgets with their tests, and the kernels. */
const PROJECTS = ["", "assembly"].map((folder) => join(here, folder, "tsconfig.json"));
const FOLDERS = ["", "src", "assembly", "tests"];

const sources = (folder) => readdirSync(join(here, folder), { recursive: folder !== "", withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(m?ts|mjs)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));
const strings = (text) => text.match(/"(?:[^"\\]|\\.)*"/g) ?? [];

/** The lines that are too long: [line, fault]. */
function longLines(text) {
  return text.split("\n").flatMap((line, i) => {
    const sentence = Math.max(0, ...strings(line).map((one) => one.length));
    const fine = line.length <= LINE || (sentence && line.length - sentence <= BESIDE);
    return fine ? [] : [[i + 1, `this line has ${line.length} characters, at most ${LINE}.`]];
  });
}

/** The functions that are too long, with those inside them: [line, fault]. */
function longFunctions(source) {
  const found = [], line = (at) => source.getLineAndCharacterOfPosition(at).line + 1;
  const visit = (node) => {
    if (isFunctionLikeDeclaration(node)) {
      const from = line(node.getStart(source)), lines = line(node.end) - from + 1;
      const name = (node.name ?? node.parent?.name)?.text ?? "a function without a name";
      if (lines > FUNCTION) found.push([from, `${name} has ${lines} lines, at most ${FUNCTION}.`]);
    }
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

const EXPORTED = /^export (?:declare )?(?:async )?(?:const|let|function\*?|class|interface|type) (\w+)/gm;
const LISTED = /\b(import|export)\b(?: type)?(?: \w+,)? \{([^}]*)\}\s+from "([^"]+)"/g;
const PASSED_ON = /^export \* from "([^"]+)"/gm;
const WHOLE = /^import \* as \w+ from "([^"]+)"/gm;
/** Asked for by name in the page (the tables of languages, what the tests look up in them) or in tests in Python. */
const BY_NAME = new Set(["translations", "missing", "evaluate"]);

/** What the widgets' sources export and nobody imports: [file, line, fault]. */
function unusedExports(texts) {
  const resolved = (file, path) => join(dirname(file), path.replace(/\.js$/, "")) + (path.endsWith(".ts") ? "" : ".ts");
  const wanted = new Set(), heirs = new Map();
  for (const [file, text] of texts) {
    for (const [, path] of text.matchAll(PASSED_ON)) heirs.set(resolved(file, path), file);
    if (file.startsWith(join(here, "tests"))) {
      for (const [, path] of text.matchAll(WHOLE)) wanted.add(resolved(file, path));
    }
    for (const [, , names, path] of text.matchAll(LISTED)) {
      for (const name of names.split(",")) {
        wanted.add(`${resolved(file, path)} ${name.replace(/\btype /, "").trim().split(" as ")[0]}`);
      }
    }
  }
  const used = (file, name) => wanted.has(file) || wanted.has(`${file} ${name}`)
    || (heirs.has(file) && used(heirs.get(file), name));
  return [...texts].filter(([file]) => file.startsWith(join(here, "src"))).flatMap(([file, text]) => {
    const at = (index) => text.slice(0, index).split("\n").length;
    const own = [...text.matchAll(EXPORTED)].map(({ 1: name, index }) => [name, index]);
    const lists = [...text.matchAll(LISTED), ...text.matchAll(/^(export) \{([^}]*)\};/gm)];
    const listed = lists.filter(([, kind]) => kind === "export").flatMap(({ 2: names, index }) =>
      names.split(",").map((name) => [name.replace(/\btype /, "").trim().split(" as ").at(-1), index]));
    return [...own, ...listed].filter(([name]) => name && !BY_NAME.has(name) && !used(file, name))
      .map(([name, index]) => [file, [[at(index), `nobody imports ${name}: it needs no export.`]]]);
  });
}

const files = FOLDERS.flatMap(sources), faults = [];
const say = (file, found) => faults.push(...found.map(([line, fault]) => `${relative(here, file)}:${line}: ${fault}`));
const texts = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));
for (const [file, text] of texts) say(file, longLines(text));
for (const [file, found] of unusedExports(texts)) say(file, found);

const api = new API({ cwd: here }), unseen = new Set(files.filter((file) => file.endsWith("ts")));
for (const project of PROJECTS) {
  const { program } = api.updateSnapshot({ openProject: project }).getProject(project);
  for (const file of unseen) {
    const source = program.getSourceFile(file);
    if (!source) continue;
    unseen.delete(file);
    say(file, longFunctions(source));
  }
}
api.close();
for (const file of unseen) faults.push(`${relative(here, file)}: no tsconfig.json includes this file.`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length ? 1 : 0;
