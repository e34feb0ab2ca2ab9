// The forms of a page, read tag by tag, as a browser would send them (HTML, "constructing the entry list").

/** A tag as this room reads it; a Map, so that an attribute called `constructor` is only an attribute. */
export interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** One entry of what a form sends. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** A button that sends its form. */
export interface Button {
  /** What pressing it adds to the form. */
  readonly fields: readonly Field[];
  /** By what it is found: the words on it, and `name=value`. */
  readonly marks: readonly string[];
  /** Where it sends the form, and how, where it says so itself. */
  readonly action: string | undefined;
  readonly method: string | undefined;
}

/** A form as it stands in the page, for whoever fills it in. */
export interface PageForm {
  /** `get` or `post`, as the page says it; anything else is `get`. */
  readonly method: string | undefined;
  readonly enctype: string | undefined;
  /** As it stands in the page; empty is the page itself. */
  readonly action: string;
  /** What is sent where nobody changes anything, buttons left out. */
  readonly fields: readonly Field[];
  /** Names of all fields, of those too that would not be sent as they are. */
  readonly names: ReadonlySet<string>;
  /** The same in order, with what each is: `password`, `hidden`, `text`, `select` and so on. */
  readonly types: ReadonlyMap<string, string>;
  /** In order; the first is the one the Enter key presses. */
  readonly buttons: readonly Button[];
  /** By what it is found: its id, name, class and action, and `name=value` of its hidden fields. */
  readonly marks: readonly string[];
  /** The words in it. */
  readonly words: string;
}

/** Is told tag by tag what stands in a page; `all` answers with its forms so far. */
export interface FormReader {
  start(tag: Tag): void;
  end(name: string): void;
  text(chars: string): void;
  all(): PageForm[];
}

interface OpenForm {
  readonly tag: Tag;
  words: string;
}

/** A field or button while it is read: `text` is what stands in it. */
interface Control {
  readonly tag: Tag;
  readonly form: OpenForm | undefined;
  text: string;
  readonly options: { readonly tag: Tag; text: string }[];
}

/**
 * Reads forms. A field belongs to the form it names by `form`, else to the one that was opened last and not closed, as in
 * browsers: forms around the rows of a table work by that.
 */
export function formReader(): FormReader {
  const forms: OpenForm[] = [];
  const controls: Control[] = [];
  let form: OpenForm | undefined;
  let control: Control | undefined;
  return {
    start(tag) {
      if (tag.name === 'form' && form === undefined) forms.push((form = { tag, words: '' }));
      if (tag.name === 'option') control?.options.push({ tag, text: '' });
      if (!CONTROLS.has(tag.name)) return;
      const started: Control = { tag, form, text: '', options: [] };
      controls.push(started);
      // An input has nothing in it, and does not end what it stands in.
      if (tag.name !== 'input') control = started;
    },
    end(name) {
      if (name === 'form') form = undefined;
      if (name === control?.tag.name) control = undefined;
    },
    text(chars) {
      if (form !== undefined) form.words += chars;
      const option = control?.options.at(-1);
      if (option !== undefined) option.text += chars;
      else if (control !== undefined) control.text += chars;
    },
    all() {
      const owned = Map.groupBy(controls, ownerIn(forms));
      return forms.map((one) => whole(one, owned.get(one) ?? []));
    },
  };
}

const CONTROLS = new Set(['input', 'button', 'select', 'textarea']);

/** Text as it is seen: any white space is one space. */
export const seen = (text: string): string => text.replace(/\s+/g, ' ').trim();

function ownerIn(forms: readonly OpenForm[]): (control: Control) => OpenForm | undefined {
  // Of two forms with one id the first is meant.
  const byId = new Map(forms.toReversed().map((form) => [form.tag.attributes.get('id') ?? '', form]));
  return ({ tag, form }) => {
    const id = tag.attributes.get('form');
    return id === undefined ? form : byId.get(id);
  };
}

function whole({ tag, words }: OpenForm, controls: readonly Control[]): PageForm {
  const live = controls.filter((control) => !control.tag.attributes.has('disabled'));
  const attribute = (name: string): string | undefined => tag.attributes.get(name);
  const hidden = live.filter((control) => typeOf(control) === 'hidden').flatMap(fieldsOf);
  return {
    method: attribute('method')?.toLowerCase(),
    enctype: attribute('enctype')?.toLowerCase(),
    action: attribute('action') ?? '',
    fields: live.flatMap(fieldsOf),
    names: new Set(live.filter((control) => !isButton(control)).map(nameOf)),
    types: new Map(live.filter((control) => !isButton(control)).map((control) => [nameOf(control), typeOf(control)])),
    buttons: live.filter(isSubmit).map(buttonOf),
    marks: [...['id', 'name', 'class', 'action'].map((name) => attribute(name) ?? ''), ...hidden.map(written)],
    words: seen(words),
  };
}

const nameOf = ({ tag }: Control): string => tag.attributes.get('name') ?? '';
const written = ({ name, value }: Field): string => `${name}=${value}`;

/** `select` and `textarea` are types of their own; a button without a type submits. */
function typeOf({ tag }: Control): string {
  if (tag.name === 'select' || tag.name === 'textarea') return tag.name;
  return tag.attributes.get('type')?.toLowerCase() ?? (tag.name === 'button' ? 'submit' : 'text');
}

const isButton = (control: Control): boolean =>
  control.tag.name === 'button' || ['submit', 'image', 'reset', 'button'].includes(typeOf(control));

const isSubmit = (control: Control): boolean =>
  isButton(control) && typeOf(control) !== 'reset' && typeOf(control) !== 'button';

function fieldsOf(control: Control): Field[] {
  const name = nameOf(control);
  if (name === '' || isButton(control)) return [];
  const { attributes } = control.tag;
  switch (typeOf(control)) {
    case 'file':
      return [];
    case 'checkbox':
    case 'radio':
      return attributes.has('checked') ? [{ name, value: attributes.get('value') ?? 'on' }] : [];
    case 'textarea':
      return [{ name, value: control.text.replace(/^\r?\n/, '') }];
    case 'select':
      return selected(control).map((value) => ({ name, value }));
    default:
      return [{ name, value: attributes.get('value') ?? '' }];
  }
}

function selected({ tag, options }: Control): string[] {
  const chosen = options.filter((option) => option.tag.attributes.has('selected'));
  const first = options.filter((option) => !option.tag.attributes.has('disabled')).slice(0, 1);
  const sent = tag.attributes.has('multiple') ? chosen : chosen.length > 0 ? chosen.slice(-1) : first;
  return sent.map((option) => option.tag.attributes.get('value') ?? seen(option.text));
}

function buttonOf(control: Control): Button {
  const { attributes } = control.tag;
  const [name, value] = [nameOf(control), attributes.get('value') ?? ''];
  const labels = [control.text, value, attributes.get('title') ?? '', attributes.get('alt') ?? ''].map(seen);
  const own = { name, value };
  // A picture tells where it was pressed.
  const isImage = typeOf(control) === 'image';
  const point = ['x', 'y'].map((axis) => ({ name: name === '' ? axis : `${name}.${axis}`, value: '0' }));
  return {
    fields: isImage ? point : name === '' ? [] : [own],
    marks: name === '' ? labels : [...labels, written(own)],
    action: attributes.get('formaction'),
    method: attributes.get('formmethod')?.toLowerCase(),
  };
}
