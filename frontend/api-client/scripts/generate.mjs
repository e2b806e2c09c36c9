// Writes src/generated/schema.d.ts from the API's description, by default the committed one.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import openapiTypescript, { astToString } from "openapi-typescript";

const source = process.env.GPET_OPENAPI ?? new URL("../../../api/openapi.json", import.meta.url);
const target = new URL("../src/generated/schema.d.ts", import.meta.url);

const description = JSON.parse(await readFile(source, "utf8"));
const types = await openapiTypescript(description, { alphabetize: true });
await mkdir(new URL(".", target), { recursive: true });
await writeFile(target, `// Generated from api/openapi.json; not to be edited.\n${astToString(types)}`);
