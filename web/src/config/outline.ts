/**
 * Where the sections, options and values of a config are in its text.
 *
 * It knows positions only. What the text means, and whether it is right, is decided by the core.
 */

export interface Span {
  from: number;
  to: number;
}

export interface OptionNode extends Span {
  name: string;
  /** The position after the colon. */
  separatorEnd: number;
  /** The value with its continuation lines, without the white space around it. */
  value: Span;
  /** The lines of the value that are not empty, without comments. */
  lines: Span[];
}

export interface SectionNode extends Span {
  /** The text between the brackets, for example `lumen_group case`. */
  name: string;
  kind: string;
  id: string;
  /** The end of the line with the name. */
  headerEnd: number;
  /** The end of the last line that is not empty. */
  contentEnd: number;
  options: OptionNode[];
}

const HEADER = /^\[([^\]]*)\]/;
const OPTION = /^([^\s:=#;[][^:=]*?)(\s*[:=])(.*)$/;

/** Returns the length of a line without its comment and the white space at its end. */
function withoutComment(line: string): number {
  const match = /(^|\s)[#;]/.exec(line);
  const text = match ? line.slice(0, match.index) : line;
  return text.trimEnd().length;
}

export function outline(text: string): SectionNode[] {
  const sections: SectionNode[] = [];
  let section: SectionNode | undefined;
  let option: OptionNode | undefined;
  let at = 0;
  for (const raw of text.split("\n")) {
    const from = at;
    at += raw.length + 1;
    const line = raw.replace(/\r$/, "");
    const length = withoutComment(line);
    const header = HEADER.exec(line);
    if (header) {
      const name = (header[1] ?? "").trim();
      const space = name.search(/\s/);
      section = {
        name,
        kind: space < 0 ? name : name.slice(0, space),
        id: space < 0 ? "" : name.slice(space).trim(),
        from,
        to: from + line.length,
        headerEnd: from + line.length,
        contentEnd: from + line.length,
        options: [],
      };
      sections.push(section);
      option = undefined;
      continue;
    }
    if (!section) continue;
    section.to = from + line.length;
    if (!length) continue;
    section.contentEnd = from + line.length;
    const isContinuation = /^\s/.test(line);
    if (isContinuation) {
      if (!option) continue;
      const start = from + (line.length - line.trimStart().length);
      const span = { from: start, to: from + length };
      if (!option.lines.length) option.value.from = span.from;
      option.lines.push(span);
      option.value.to = span.to;
      option.to = span.to;
      continue;
    }
    const match = OPTION.exec(line.slice(0, length));
    if (!match) continue;
    const [, name = "", separator = "", rest = ""] = match;
    const valueAt = from + name.length + separator.length + (rest.length - rest.trimStart().length);
    const value = { from: valueAt, to: Math.max(valueAt, from + length) };
    option = {
      name: name.trim().toLowerCase(),
      from,
      to: value.to,
      separatorEnd: from + name.length + separator.length,
      value,
      lines: value.to > value.from ? [{ ...value }] : [],
    };
    section.options.push(option);
  }
  return sections;
}

/** Returns the section at a position. */
export function sectionAt(sections: SectionNode[], position: number): SectionNode | undefined {
  let found: SectionNode | undefined;
  for (const section of sections) if (section.from <= position) found = section;
  return found;
}

/** Returns the option at a position. */
export function optionAt(section: SectionNode, position: number): OptionNode | undefined {
  return section.options.find((it) => it.from <= position && position <= it.to);
}
