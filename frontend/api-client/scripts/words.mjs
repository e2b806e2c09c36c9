// No state, kind or reason of the API may reach a frontend as a bare number or string: its generated type must name the values.
// Looks at every property and parameter whose name says that it is one of few, in the types that a frontend really gets.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const NAMES = /(^|_)(status|state|type|star|kind|role|decision|direction|account|action|outcome|destination|reason)$/;
/** Texts with this name are codes of people, robots and groups; numbers are the API's own codes, and few. */
const NUMBERS = /(^|_)code$/;

const schema = fileURLToPath(new URL("../src/generated/schema.d.ts", import.meta.url));
const open = JSON.parse(await readFile(new URL("./open.json", import.meta.url), "utf8"));

const program = ts.createProgram([schema], { strict: true, noEmit: true });
const checker = program.getTypeChecker();
const source = program.getSourceFile(schema);

/** Where a property stands: the names around it, the outermost first. */
function place(node) {
  const names = [];
  for (let at = node; at && !ts.isSourceFile(at); at = at.parent) {
    if (ts.isPropertySignature(at) || ts.isInterfaceDeclaration(at)) names.unshift(at.name.text);
  }
  const [root, ...rest] = names;
  if (root === "components") return rest.slice(1).join(".");
  if (root === "paths") return `${rest[1].toUpperCase()} ${rest[0]}: ${rest.at(-1)}`;
  return names.join(".");
}

/** Whether any value of these kinds fits: alone, or in a list, null or not. */
function bare(type, kinds) {
  const parts = type.isUnion() ? type.types : [type];
  return parts.some((part) => {
    if (checker.isArrayType(part)) return bare(checker.getTypeArguments(part)[0], kinds);
    return (part.flags & kinds) !== 0;
  });
}

/** The kinds of values that a property of this name must not be open to. */
function forbidden(name) {
  if (NAMES.test(name)) return ts.TypeFlags.String | ts.TypeFlags.Number;
  return NUMBERS.test(name) ? ts.TypeFlags.Number : 0;
}

const found = new Map();
let looked = 0;
(function walk(node) {
  const kinds = ts.isPropertySignature(node) && node.type ? forbidden(node.name.text) : 0;
  if (kinds !== 0) {
    looked += 1;
    const type = checker.getTypeFromTypeNode(node.type);
    if (bare(type, kinds)) found.set(place(node), checker.typeToString(type));
  }
  ts.forEachChild(node, walk);
})(source);

const complaints = [];
for (const [where, type] of found) {
  if (!(where in open)) complaints.push(`${where}: ${type} - name its values in the description`);
}
for (const where of Object.keys(open)) {
  if (!found.has(where)) complaints.push(`${where}: is closed or gone - take it out of scripts/open.json`);
}
if (looked === 0) complaints.push("no property was looked at: the generated types have another form");
for (const complaint of complaints.sort()) console.error(complaint);
console.log(`${looked} properties looked at, ${found.size} open, ${complaints.length} to mend`);
process.exitCode = complaints.length === 0 ? 0 : 1;
