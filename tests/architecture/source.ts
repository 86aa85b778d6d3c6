/**
 * What the architecture test needs to know of a source file, read from its syntax tree.
 *
 * @module
 */

import ts from "typescript";

/** A TypeScript file: its path from the root of the repository, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** One place in a file: what was found and the line, counted from 1. */
export interface Place {
  readonly name: string;
  readonly line: number;
}

/** What a file does, as far as the rules care. */
export interface Facts {
  readonly path: string;
  readonly lines: number;
  /** Module specifiers of all imports and re-exports, dynamic ones too; `types`: only types are taken. */
  readonly imports: readonly (Place & { readonly types: boolean })[];
  /** Names that are used as values or types and are not a property: `Date`, but not `x.Date`; also `Math.random`. */
  readonly names: readonly Place[];
  /** Every function with its length in lines. */
  readonly functions: readonly (Place & { readonly lines: number })[];
  /** Exported declarations without a doc comment. */
  readonly undocumented: readonly Place[];
}

/** Reads a file. */
export function readFacts({ path, text }: Source): Facts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const facts = {
    path,
    lines: text.split("\n").length - 1,
    imports: [] as (Place & { types: boolean })[],
    names: [] as Place[],
    functions: [] as (Place & { lines: number })[],
    undocumented: [] as Place[],
  };
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: ts.Node): void => {
    const line = lineOf(node.getStart(file));
    const specifier = importedBy(node);
    if (specifier !== undefined) facts.imports.push({ name: specifier, line, types: takesTypes(node) });
    const name = nameUsedBy(node);
    if (name !== undefined) facts.names.push({ name, line });
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      facts.functions.push({ name: titleOf(node), line, lines: lineOf(node.getEnd()) - line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  for (const statement of file.statements) {
    if (isUndocumentedExport(statement)) {
      facts.undocumented.push({ name: titleOf(statement), line: lineOf(statement.getStart(file)) });
    }
  }
  return facts;
}

/** `import … from "x"`, `export … from "x"`, `import("x")`, `typeof import("x")`, `getBuiltinModule("x")`. */
function importedBy(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return textOf(node.argument.literal);
  if (!ts.isCallExpression(node)) return undefined;
  const callee = node.expression;
  const imports = callee.kind === ts.SyntaxKind.ImportKeyword ||
    ts.isIdentifier(callee) && callee.text === "require" ||
    ts.isPropertyAccessExpression(callee) && callee.name.text === "getBuiltinModule";
  return imports ? textOf(node.arguments[0]) : undefined;
}

function takesTypes(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return false;
  const { name, namedBindings, phaseModifier } = node.importClause;
  if (phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  return name === undefined && namedBindings !== undefined && ts.isNamedImports(namedBindings) &&
    namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly);
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function nameUsedBy(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const object = withoutCasts(node.expression).getText();
    if (object === "globalThis") return node.name.text; // The global object is no way around the rules.
    return object === "Math" ? `Math.${node.name.text}` : undefined;
  }
  if (!ts.isIdentifier(node)) return undefined;
  const parent = node.parent;
  const isKey = "name" in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent);
  const isLabel = ts.isQualifiedName(parent) && parent.right === node ||
    ts.isBindingElement(parent) && parent.propertyName === node ||
    ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent);
  return isKey || isLabel ? undefined : node.text;
}

function withoutCasts(node: ts.Expression): ts.Expression {
  const isWrapped = ts.isParenthesizedExpression(node) || ts.isAsExpression(node) ||
    ts.isNonNullExpression(node);
  return isWrapped ? withoutCasts(node.expression) : node;
}

function titleOf(node: ts.Node): string {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations[0]!.name.getText();
  return "name" in node && node.name !== undefined ? (node.name as ts.Node).getText() : "(anonymous)";
}

function isUndocumentedExport(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  const isExported = ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ??
    false;
  return isExported && ts.getJSDocCommentsAndTags(statement).length === 0;
}
