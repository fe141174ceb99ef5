// The editor of the page: CodeMirror 6 behind one function, so that nothing else knows of it.
//
//     const editor = globalThis.bpfscopeEditor.create(parent, { onChange, onLineClick, complete, label });
//
// Lines and columns count from 1, columns in UTF-16 units, as CodeMirror and Rust's `encode_utf16` do.
// Whatever lies outside the text is moved to its nearest place inside: the page's facts may be one
// edit behind the text.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, RangeSet, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  EditorView,
  GutterMarker,
  drawSelection,
  dropCursor,
  gutter,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { bpf } from "./bpf.js";
import { theme } from "./theme.js";

/** The line with this number, or the nearest one. */
const lineAt = (doc, number) => doc.line(Math.min(Math.max(number, 1), doc.lines));

/** A field whose value is replaced by its effect, and moves along with edits. */
function field(effect, provide) {
  return StateField.define({
    create: () => RangeSet.empty,
    update(value, transaction) {
      value = value.map(transaction.changes);
      for (const done of transaction.effects) if (done.is(effect)) value = done.value;
      return value;
    },
    provide,
  });
}

// The line that is about to run.
const setNow = StateEffect.define();
const nowLine = Decoration.line({ class: "cm-now" });
const now = field(setNow, (value) => EditorView.decorations.from(value));

// Lines that something is said of, each by a class of its own.
const setMarks = StateEffect.define();
const marks = field(setMarks, (value) => EditorView.decorations.from(value));

// What stands behind a line: how often it ran.
class Count extends GutterMarker {
  constructor(text) {
    super();
    this.text = text;
  }
  eq(other) {
    return this.text === other.text;
  }
  toDOM() {
    return document.createTextNode(this.text);
  }
}
const setCounts = StateEffect.define();
const counts = field(setCounts);
const countGutter = gutter({ class: "cm-counts", side: "after", markers: (view) => view.state.field(counts) });

/** Completions from the page: `complete(word, before)` gives `[{label, detail, info}]`, or a promise of it. */
function completion(complete) {
  const source = async (context) => {
    const word = context.matchBefore(/[\w.$]+/);
    if (!word && !context.explicit) return null;
    const from = word?.from ?? context.pos;
    const before = context.state.sliceDoc(context.state.doc.lineAt(from).from, from);
    const options = await complete(word?.text ?? "", before);
    return options.length > 0 ? { from, options, validFor: /^[\w.$]*$/ } : null;
  };
  return autocompletion({ override: [source], icons: false });
}

/**
 * The range that a diagnostic means; without a length, the word there, or what is left of the line; without a column,
 * what is written on the line before a comment.
 */
function range(doc, { line, col, len }) {
  const { from: start, to: end, text } = lineAt(doc, line);
  if (!col) {
    const [, blanks, written] = /^(\s*)(.*?)\s*(?:(?:\/\/|#|;).*)?$/.exec(text);
    return { from: start + blanks.length, to: start + blanks.length + written.length };
  }
  const from = Math.min(start + Math.max(col ?? 1, 1) - 1, end);
  const length = len || /^[\w.$]*/.exec(text.slice(from - start))[0].length || end - from;
  return { from, to: Math.min(from + length, end) };
}

/**
 * Makes an editor inside `parent`, which gives it its size.
 *
 * @param {HTMLElement} parent
 * @param {object} [options]
 * @param {(text: string) => void} [options.onChange] the user changed the text; not called for `setText`
 * @param {(line: number) => void} [options.onLineClick] a line number was clicked; while read-only, any place in a line
 * @param {(word: string, before: string) => {label: string, detail?: string, info?: string}[]} [options.complete]
 *   what may stand where `word` is being typed, with `before` in front of it on its line
 * @param {string} [options.label] what the editor is called for those who do not see it
 */
export function create(parent, { onChange, onLineClick, complete, label = "Program" } = {}) {
  let readOnly = false;
  let plain = false;
  const readOnlyPart = new Compartment();

  const clicked = (view, position) => {
    onLineClick?.(view.state.doc.lineAt(position).number);
    return false;
  };
  // A line of assembly is an instruction: it has a number, and what is said of it. Another text is read as it is.
  const lines = () => [
    lintGutter(),
    lineNumbers({ domEventHandlers: { click: (view, block) => clicked(view, block.from) } }),
    highlightActiveLineGutter(),
    highlightActiveLine(),
    complete ? completion(complete) : [],
    bpf,
    countGutter,
  ];
  const extensions = () => [
    plain ? EditorView.lineWrapping : lines(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    dropCursor(),
    indentUnit.of("\t"),
    bracketMatching(),
    closeBrackets(),
    highlightSelectionMatches(),
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...lintKeymap,
      ...defaultKeymap,
      indentWithTab,
    ]),
    theme,
    marks,
    now,
    counts,
    readOnlyPart.of(EditorState.readOnly.of(readOnly)),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange?.(update.state.doc.toString());
    }),
    EditorView.domEventHandlers({
      click(event, view) {
        if (!readOnly) return false;
        const position = view.posAtCoords({ x: event.clientX, y: event.clientY });
        return position === null ? false : clicked(view, position);
      },
    }),
  ];
  // A new text is a new state, lest undo bring back another program's lines. It tells no listener.
  const fresh = (doc) => EditorState.create({ doc, extensions: extensions() });
  const view = new EditorView({ parent, state: fresh("") });

  return {
    /** Replaces the text and forgets its history, diagnostics, counts and current line; `isPlain`: it is no assembly. */
    setText(text, isPlain = false) {
      plain = isPlain;
      view.setState(fresh(text));
    },
    getText() {
      return view.state.doc.toString();
    },
    /** Replaces all diagnostics: `[{line, col, len, message, severity = "error"}]`. */
    setDiagnostics(list) {
      const diagnostics = Array.from(list, (item) => ({
        ...range(view.state.doc, item),
        severity: item.severity ?? "error",
        message: item.message,
      }));
      view.dispatch(setDiagnostics(view.state, diagnostics));
    },
    /** Marks the line that runs next and, unless the user is writing, brings it into view; null marks none. */
    setCurrentLine(number) {
      if (number === null || number === undefined) {
        view.dispatch({ effects: setNow.of(Decoration.none) });
        return;
      }
      const { from } = lineAt(view.state.doc, number);
      // What is being written stays in view.
      const scroll = view.hasFocus ? [] : [EditorView.scrollIntoView(from, { yMargin: 48 })];
      view.dispatch({ effects: [setNow.of(Decoration.set(nowLine.range(from))), ...scroll] });
    },
    /** Replaces what stands behind the lines: `[[line, text]]`. */
    setCounts(list) {
      const { doc } = view.state;
      const inside = Array.from(list).filter(([line]) => line >= 1 && line <= doc.lines);
      const markers = inside.map(([line, text]) => new Count(text).range(doc.line(line).from));
      view.dispatch({ effects: setCounts.of(RangeSet.of(markers, true)) });
    },
    /** Replaces the marks of lines: `[[line, class]]`; a line may have several. */
    setMarks(list) {
      const { doc } = view.state;
      const inside = Array.from(list).filter(([line]) => line >= 1 && line <= doc.lines);
      const lines = inside.map(([line, name]) => Decoration.line({ class: name }).range(doc.line(line).from));
      view.dispatch({ effects: setMarks.of(Decoration.set(lines, true)) });
    },
    /** Whether the user may change the text. History and marks are kept. */
    setReadOnly(value) {
      readOnly = value;
      view.dispatch({ effects: readOnlyPart.reconfigure(EditorState.readOnly.of(readOnly)) });
    },
    focus() {
      view.focus();
    },
    /** Puts the cursor there, in view, and takes the keyboard. */
    goTo(line, col) {
      const { from } = range(view.state.doc, { line, col });
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { yMargin: 48 }) });
      view.focus();
    },
    /** Removes the editor from the page. */
    destroy() {
      view.destroy();
    },
  };
}

globalThis.bpfscopeEditor = { create };
