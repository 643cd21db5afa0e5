// Reads TypeScript and AssemblyScript sources just as far as the architecture test needs: what is code, what is imported.

/** One import, re-export or dynamic import. */
export interface Import {
  /** What is imported; undefined if a dynamic import computes it. */
  specifier: string | undefined;
  /** Whether nothing of it is left when types are erased. */
  typeOnly: boolean;
}

// what a `/` may follow to begin a regular expression rather than to divide
const BEFORE_REGEX =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|void|throw|await|yield))\s*$/;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;

/** The source with comments, regular expressions and the contents of strings blanked out; every character keeps its place. */
export function codeOf(source: string): string {
  let code = "";
  let depth = 0;
  // depth of braces at which each template literal that is open goes on
  const templates: number[] = [];
  const keep = (count: number) => {
    code += source.slice(code.length, code.length + count);
  };
  const blankTo = (end: number) => {
    code += source.slice(code.length, end).replace(/[^\n]/g, " ");
  };
  const blankTemplate = () => {
    blankTo(find(source, code.length, /`|\$\{/));
    if (source[code.length] === "$") {
      templates.push(depth);
      keep(2);
    } else keep(1);
  };
  while (code.length < source.length) {
    const at = code.length;
    const letter = source[at]!;
    REGEX.lastIndex = at;
    if (source.startsWith("//", at)) blankTo(find(source, at, /\n/, false));
    else if (source.startsWith("/*", at)) blankTo(find(source, at + 2, /\*\//, false) + 2);
    else if (letter === '"' || letter === "'") {
      keep(1);
      blankTo(find(source, at + 1, letter === '"' ? /["\n]/ : /['\n]/));
      keep(1);
    } else if (letter === "`") {
      keep(1);
      blankTemplate();
    } else if (letter === "}" && templates.at(-1) === depth) {
      templates.pop();
      keep(1);
      blankTemplate();
    } else if (letter === "/" && beginsRegex(code) && REGEX.test(source)) blankTo(REGEX.lastIndex);
    else {
      if (letter === "{") depth++;
      if (letter === "}") depth--;
      keep(1);
    }
  }
  return code;
}

function beginsRegex(code: string): boolean {
  return BEFORE_REGEX.test(code.slice(-40)) && !/(?:\+\+|--)\s*$/.test(code.slice(-40));
}

// where `pattern` is found next, unless behind a backslash if that escapes; the end of the source if nowhere
function find(source: string, from: number, pattern: RegExp, escapes = true): number {
  const next = new RegExp(escapes ? `\\\\[^]|${pattern.source}` : pattern.source, "g");
  next.lastIndex = from;
  for (let match = next.exec(source); match; match = next.exec(source)) {
    if (!escapes || !match[0].startsWith("\\")) return match.index;
  }
  return source.length;
}

const STATEMENT =
  /\b(?:import|export)\s+(type\s(?!\s*from\b))?[^"'`;=()]*?\bfrom\s*(["'])|\bimport\s*(["'])/g;
const CALL = /(\btypeof\s+)?(?<![.\w])(?:import|require)\s*\(\s*(["'])?/g;

/** All imports of a source, static ones first. */
export function importsOf(source: string): Import[] {
  const code = codeOf(source);
  const quoted = (end: number) => source.slice(end, code.slice(end).search(/["'\n]/) + end);
  const statements = [...code.matchAll(STATEMENT)].map((match) => ({
    specifier: quoted(match.index + match[0].length),
    typeOnly: match[1] !== undefined,
  }));
  const calls = [...code.matchAll(CALL)].map((match) => ({
    specifier: match[2] ? quoted(match.index + match[0].length) : undefined,
    typeOnly: match[1] !== undefined,
  }));
  return [...statements, ...calls];
}

/** The code without its import statements. */
export function codeWithoutImports(source: string): string {
  return codeOf(source).replace(/\b(?:import|export)\b[^"'`;=()]*(["']) *\1/g, "");
}
