// BPF assembly as LLVM spells it, coloured line by line: `r0 = *(u32 *)(r1 + 0x50)`.
import { StreamLanguage } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const words = (text) => new Set(text.split(" "));

/** What begins or steers an instruction. */
const KEYWORDS = words(
  "if goto gotol may_goto call callx exit lock ll skb ld_pseudo addr_space_cast load_acquire store_release " +
    "be16 be32 be64 le16 le32 le64 bswap16 bswap32 bswap64",
);
/** Sizes of memory. */
const TYPES = words("u8 u16 u32 u64 s8 s16 s32 s64");
/** `r1 = atomic_fetch_add((u64 *)(r2 + 0), r1)`, `w0 = cmpxchg32_32(…)`. */
const ATOMIC = /^(?:atomic_fetch_\w+|(?:cmp)?xchg(?:32)?_(?:32|64))$/;
const REGISTER = /^[rw](?:10|[0-9])$/;
/** What a name means that follows one of these words. */
const AFTER = { call: "callee", goto: "label", gotol: "label", may_goto: "label" };
/** Behind a `;` this begins another statement; anything else there is a comment, as for the assembler. */
const STATEMENT =
  /^\s*(?:[rw](?:10|[0-9])\s*\S?\S?=|\*\s*\(|lock\s*\*|if\s+[rw]|(?:goto|gotol|may_goto|call|callx)\s+[-+\w.]+\s*(?:$|[;#\/])|exit\s*(?:$|[;#\/])|(?:ld_pseudo|store_release)\b|\.[a-z]|[\w.$]+:)/;

function isComment(stream) {
  if (stream.match("//", false) || stream.peek() === "#") return true;
  if (stream.peek() !== ";") return false;
  const { string, pos } = stream;
  return /^\s*$/.test(string.slice(0, pos)) || !STATEMENT.test(string.slice(pos + 1));
}

function token(stream, state) {
  if (state.inComment) {
    if (stream.match(/^.*?\*\//)) state.inComment = false;
    else stream.skipToEnd();
    return "comment";
  }
  if (stream.sol()) state.after = null;
  if (stream.eatSpace()) return null;
  if (stream.match("/*")) {
    state.inComment = true;
    return "comment";
  }
  if (isComment(stream)) {
    stream.skipToEnd();
    return "comment";
  }
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
  // A label, `out:`, or one of the numbered kind, `1:`; and how objdump names a target, `<out>`.
  if (stream.match(/^(?:[A-Za-z_.$][\w.$]*|[0-9]+):/) || stream.match(/^<[\w.$+]+>/)) return "label";
  if (stream.match(/^\.[A-Za-z_][\w.]*/)) return "directive";
  if (stream.match(/^(?:0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+[bf]?)\b|^'(?:[^'\\]|\\.)'/)) return "number";
  if (stream.match(/^[A-Za-z_$][\w.$]*/)) {
    const word = stream.current();
    const named = state.after ?? "name";
    state.after = AFTER[word] ?? null;
    if (REGISTER.test(word)) return "register";
    if (KEYWORDS.has(word) || ATOMIC.test(word)) return "keyword";
    return TYPES.has(word) ? "type" : named;
  }
  stream.next();
  return null;
}

export const bpf = StreamLanguage.define({
  name: "bpf",
  startState: () => ({ inComment: false, after: null }),
  copyState: (state) => ({ ...state }),
  token,
  languageData: { commentTokens: { line: "#", block: { open: "/*", close: "*/" } } },
  tokenTable: {
    register: tags.special(tags.variableName),
    keyword: tags.keyword,
    type: tags.typeName,
    label: tags.labelName,
    directive: tags.meta,
    callee: tags.function(tags.variableName),
    name: tags.variableName,
    number: tags.number,
    string: tags.string,
    comment: tags.comment,
  },
});
