/** JSON Schema (2020-12) of the types that a TypeScript file exports: so that a contract is written once. */
import { parseSync } from "vite";

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

type Node = Readonly<Record<string, unknown>> & { readonly type: string; readonly start: number };

const KEYWORDS: Readonly<Record<string, string>> = {
  TSStringKeyword: "string",
  TSNumberKeyword: "number",
  TSBooleanKeyword: "boolean",
  TSNullKeyword: "null",
};

/** The members of a node that are nodes themselves. */
function child(node: Node, member: string): Node {
  const value = node[member];
  if (typeof value !== "object" || value === null || !("type" in value)) throw new Error(`A ${node.type} without ${member}`);
  return value as Node;
}

function children(node: Node, member: string): readonly Node[] {
  const value = node[member];
  return Array.isArray(value) ? (value as readonly Node[]) : [];
}

function nameOf(node: Node): string {
  return String(node["name"] ?? node["value"]);
}

/**
 * The schemas of a file's exported interfaces and types, by name; docstrings become descriptions. An interface that extends another
 * becomes `allOf`. Members that are not listed are allowed, for answers may grow.
 *
 * Knows what a contract in JSON needs: texts, numbers, booleans, null, literals, unions, lists, objects, names of other types,
 * `keyof typeof CONSTANT`, and `string & …`, by which a union of texts is kept open.
 *
 * @param path For messages.
 * @param code The file's text.
 * @param keys The keys of each constant that a `keyof typeof` names.
 * @throws on any type that is not among these
 */
export function schemasOf(path: string, code: string, keys: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, Schema>> {
  const { program, comments, errors } = parseSync(path, code, { lang: "ts", sourceType: "module" });
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);

  /** The docstring right before a place, in one line. */
  function description(start: number): { readonly description?: string } {
    const comment = comments.findLast(({ end, value }) => end <= start && value.startsWith("*"));
    if (comment === undefined || code.slice(comment.end, start).trim() !== "") return {};
    const text = comment.value.replace(/^\s*\*+/gm, "").replace(/\{@link (\w+)\}/g, "$1");
    return { description: text.replace(/\s+/g, " ").trim() };
  }

  function objectOf(members: readonly Node[]): Schema {
    const properties = members.map((member) => {
      const schema = schemaOf(child(child(member, "typeAnnotation"), "typeAnnotation"));
      return [nameOf(child(member, "key")), { ...schema, ...description(member.start) }] as const;
    });
    const required = members.filter((member) => member["optional"] !== true).map((member) => nameOf(child(member, "key")));
    return { type: "object", properties: Object.fromEntries(properties), ...(required.length === 0 ? {} : { required }) };
  }

  function unionOf(types: readonly Node[]): Schema {
    const literals = types.filter(({ type }) => type === "TSLiteralType").map((type) => child(type, "literal")["value"]);
    const others = types.filter(({ type }) => type !== "TSLiteralType").map(schemaOf);
    if (others.length === 0) return { enum: literals };
    // Null beside literals, or beside plain types, needs no anyOf.
    if (literals.length > 0 && others.every(({ type }) => type === "null")) return { enum: [...literals, null] };
    const plain = others.every((other) => Object.keys(other).length === 1 && typeof other["type"] === "string");
    if (literals.length === 0 && plain) return { type: others.map(({ type }) => type) };
    return { anyOf: [...(literals.length === 0 ? [] : [{ enum: literals }]), ...others] };
  }

  const SCHEMAS: Readonly<Record<string, (node: Node) => Schema>> = {
    TSLiteralType: (node) => ({ const: child(node, "literal")["value"] }),
    TSArrayType: (node) => ({ type: "array", items: schemaOf(child(node, "elementType")) }),
    TSUnionType: (node) => unionOf(children(node, "types")),
    TSParenthesizedType: (node) => schemaOf(child(node, "typeAnnotation")),
    TSTypeLiteral: (node) => objectOf(children(node, "members")),
    TSTypeReference: (node) => ({ $ref: `#/components/schemas/${nameOf(child(node, "typeName"))}` }),
    TSIntersectionType: ({ types }) => {
      const [first] = types as readonly Node[];
      if (first?.type !== "TSStringKeyword") throw new Error("Of intersections only `string & …` is known");
      return { type: "string" };
    },
    TSTypeOperator: (node) => {
      const inner = child(node, "typeAnnotation");
      if (node["operator"] === "readonly") return schemaOf(inner);
      return { enum: keys[nameOf(child(inner, "exprName"))] };
    },
  };

  function schemaOf(node: Node): Schema {
    const keyword = KEYWORDS[node.type];
    if (keyword !== undefined) return { type: keyword };
    const schema = SCHEMAS[node.type];
    if (schema === undefined) throw new Error(`${path} has a type that is not known here: ${code.slice(node.start, Number(node["end"]))}`);
    return schema(node);
  }

  const schemas: Record<string, Schema> = {};
  for (const statement of program.body as unknown as readonly Node[]) {
    if (statement.type !== "ExportNamedDeclaration" || statement["declaration"] === null) continue;
    const declaration = child(statement, "declaration");
    if (declaration.type === "TSTypeAliasDeclaration") {
      schemas[nameOf(child(declaration, "id"))] = { ...description(statement.start), ...schemaOf(child(declaration, "typeAnnotation")) };
    }
    if (declaration.type === "TSInterfaceDeclaration") {
      const own = objectOf(children(child(declaration, "body"), "body"));
      const bases = children(declaration, "extends").map((base) => ({
        $ref: `#/components/schemas/${nameOf(child(base, "expression"))}`,
      }));
      const inherited = bases.length === 0 ? {} : { allOf: bases };
      schemas[nameOf(child(declaration, "id"))] = { ...description(statement.start), ...inherited, ...own };
    }
  }
  return schemas;
}
