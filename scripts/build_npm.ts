/**
 * Writes the package for Node and bundlers to dist/npm; `npm publish dist/npm` would publish it.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { buildNpmPackage } from "./npm_package.ts";

const FOLDER = fileURLToPath(new URL("../dist/npm", import.meta.url));

buildNpmPackage(FOLDER);
console.log(FOLDER);
