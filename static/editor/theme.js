// Colours come from the page's tokens (CSS custom properties), so dark and light need no code here.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const highlight = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--redirect)" },
  { tag: [tags.special(tags.variableName), tags.typeName], color: "var(--accent)" },
  { tag: tags.function(tags.variableName), color: "var(--accent)" },
  { tag: [tags.number, tags.string], color: "var(--warn)" },
  { tag: [tags.labelName, tags.meta], color: "var(--muted)" },
  { tag: tags.comment, color: "var(--faint)" },
]);

const view = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--bg)", fontSize: "12.5px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.62" },
  ".cm-content": { caretColor: "var(--text)", padding: "10px 0" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--read)",
  },
  ".cm-gutters": { backgroundColor: "var(--bg)", color: "var(--faint)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "36px", padding: "0 8px 0 4px", cursor: "pointer" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  ".cm-activeLineGutter": { color: "var(--text)" },
  ".cm-now": { backgroundColor: "var(--now)", boxShadow: "inset 2px 0 var(--accent)" },
  ".cm-path": { boxShadow: "inset 2px 0 var(--path)" },
  ".cm-rejected": { backgroundColor: "var(--wrong)", boxShadow: "inset 2px 0 var(--drop)" },
  ".cm-counts .cm-gutterElement": { padding: "0 12px", fontSize: "11px", textAlign: "right" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--read)" },
  ".cm-searchMatch": { backgroundColor: "var(--write)" },
  ".cm-selectionMatch": { backgroundColor: "var(--read)" },
  ".cm-tooltip, .cm-panels": {
    backgroundColor: "var(--raised)",
    color: "var(--text)",
    border: "1px solid var(--line)",
    borderRadius: "7px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--bg)" },
  ".cm-completionDetail": { color: "var(--muted)", fontStyle: "normal" },
  ".cm-tooltip-autocomplete ul li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
  ".cm-completionInfo": { maxWidth: "36em", whiteSpace: "pre-wrap" },
  ".cm-diagnostic": { fontFamily: "var(--sans)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--drop)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  // A wavy line in the page's own colour; the base theme draws pictures of fixed colours.
  ".cm-lintRange": { backgroundImage: "none", textDecoration: "underline wavy 1px", textUnderlineOffset: "3px" },
  ".cm-lintRange-error": { textDecorationColor: "var(--drop)" },
  ".cm-lintRange-warning": { textDecorationColor: "var(--warn)" },
  ".cm-textfield": { backgroundColor: "var(--surface)", border: "1px solid var(--line)", color: "var(--text)" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--raised)", border: "1px solid var(--line)", color: "var(--text)" },
});

export const theme = [view, syntaxHighlighting(highlight)];
