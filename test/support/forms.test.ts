import test from 'ava';
import { chooseForm, filledIn } from './browser-request.ts';
import { formsIn, linksIn, submitsItself } from './forms.ts';

const BASE = 'http://app.test/dir/page?x=1';

test('a form is sent with what is filled in, checked and chosen, and with its button', (t) => {
  const html = `<form method=POST action='save?a=1&amp;b=2'>
    <input type="hidden" name="token" value="&lt;a &quot;b&quot; &#x26; &#252;&gt;">
    <input name=plain value=bare><input name="gone" value="1" disabled>
    <input type=checkbox name=on checked><input type=checkbox name=off value=1>
    <select name="pick"><option value="1">one<option value="2" selected>two</select>
    <textarea name=words>
first line</textarea><input type="submit" name="do" value="save"></form>`;
  const [form] = formsIn(html, BASE);
  t.is(form?.method, 'post');
  t.is(form?.action, 'http://app.test/dir/save?a=1&b=2');
  t.deepEqual(form && [...filledIn(form, { plain: 'changed', extra: 'new' })], [
    ['token', '<a "b" & ü>'],
    ['plain', 'changed'],
    ['on', 'on'],
    ['pick', '2'],
    ['words', 'first line'],
    ['do', 'save'],
    ['extra', 'new'],
  ]);
});

test('forms in comments and scripts are no forms', (t) => {
  const html = `<!-- <form id=a></form> --><script>const x = '<form id=b></form>';</script><form id=c></form>`;
  t.deepEqual(
    formsIn(html, BASE).map(({ id, action }) => [id, action]),
    [['c', BASE]],
  );
});

test('a form is found by its id or by the words on its button', (t) => {
  const html = `<form id=one><button>Keep</button></form><form id=two><button name=how value=soap>Sign out</button></form>`;
  const forms = formsIn(html, BASE);
  t.is(chooseForm(forms, 'Sign out').id, 'two');
  t.is(chooseForm(forms, 'soap').id, 'two');
  t.is(chooseForm(forms, 'one').id, 'one');
  t.throws(() => chooseForm(forms, 'Delete'), { message: /no form Delete/ });
});

test('only a page with a form and a script that sends it submits itself', (t) => {
  t.true(submitsItself('<form></form><script>document.forms[0].submit()</script>'));
  t.false(submitsItself('<form></form>'));
});

test('links are found by their words', (t) => {
  t.deepEqual(linksIn('<a href="/a">One</a> <a href="b?x=1&amp;y=2">Two</a>', BASE, 'Two'), [
    'http://app.test/dir/b?x=1&y=2',
  ]);
});
