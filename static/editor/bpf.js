// BPF assembly as LLVM spells it, coloured line by line: `r0 = *(u32 *)(r1 + 0x50)`.
import { StreamLanguage } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const words = (text) => new Set(text.split(" "));

/** What begins or steers an instruction. */
const KEYWORDS = words(
  "if goto gotol gotox may_goto call callx exit lock ll lbb skb ld_pseudo addr_space_cast " +
    "load_acquire store_release " +
    "be16 be32 be64 le16 le32 le64 bswap16 bswap32 bswap64",
);
/** Sizes of memory, and what a declared map or symbol is. */
const TYPES = words("u8 u16 u32 u64 s8 s16 s32 s64 void");
/** Atomic operations: `r1 = atomic_fetch_add((u64 *)(r2 + 0), r1)`. */
const ATOMIC = /^(?:atomic_fetch_(?:add|and|or|xor)|xchg(?:32)?_?(?:32|64)?|cmpxchg(?:32)?_(?:32|64))$/;
const REGISTER = /^[rw](?:10|[0-9])$/;

function token(stream, state) {
  if (state.inComment) {
    if (stream.match(/^.*?\*\//)) state.inComment = false;
    else stream.skipToEnd();
    return "comment";
  }
  if (stream.sol()) state.afterCall = false;
  if (stream.eatSpace()) return null;
  if (stream.match("/*")) {
    state.inComment = true;
    return "comment";
  }
  if (stream.match(/^(?:#|\/\/|;)/)) {
    stream.skipToEnd();
    return "comment";
  }
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
  // A label, `out:` or `LBB0_2:`, or a number for local ones, `1:`.
  if (stream.match(/^(?:[A-Za-z_.$][\w.$]*|[0-9]+):/)) return "label";
  if (stream.match(/^\.[A-Za-z_][\w.]*/)) return "directive";
  if (stream.match(/^0[xX][0-9a-fA-F]+|^[0-9]+/)) return "number";
  if (stream.match(/^<[\w.$+]+>/)) return "label";
  if (stream.match(/^[A-Za-z_$][\w.$]*/)) {
    const word = stream.current();
    const { afterCall } = state;
    state.afterCall = word === "call" || word === "goto" || word === "gotol" || word === "may_goto";
    if (REGISTER.test(word)) return "register";
    if (KEYWORDS.has(word)) return "keyword";
    if (TYPES.has(word)) return "type";
    if (ATOMIC.test(word)) return "keyword";
    return afterCall ? "callee" : "name";
  }
  if (stream.match(/^(?:s?(?:>>=?|<<=?|[<>]=?)|[-+*\/%&|^!=]=?|s[%\/]=?)/)) return "operator";
  stream.next();
  return null;
}

export const bpf = StreamLanguage.define({
  name: "bpf",
  startState: () => ({ inComment: false, afterCall: false }),
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
    operator: tags.operator,
  },
});
