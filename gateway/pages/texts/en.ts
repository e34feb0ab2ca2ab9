// English.

import { html } from '../html.ts';
import type { Texts } from './texts.ts';

/** The words of our pages in English. */
export const en: Texts = {
  dir: 'ltr',
  help: 'Do you need help?',
  quote: 'When you ask for help, please say this:',
  reason: 'Reason',
  request: 'Request',
  tryAgain: 'Try again',
  openAgain: 'Open the application again',
  choice: {
    title: 'Where do you sign in?',
    intro: (app) => `People of several organisations use ${app}. Please choose yours.`,
    asLastTime: 'as last time',
  },
  apps: { title: 'Where do you want to go?', intro: 'You are signed in. Please choose an application.' },
  signedOut: {
    title: 'Signed out',
    heading: 'You are signed out',
    over: 'Your session is over, in every application behind this gateway.',
    idp: {
      told: 'Your identity provider has signed you out as well.',
      partial: 'Your identity provider has signed you out, but could not reach every other application.',
      failed: 'Your identity provider did not confirm that it has signed you out.',
      'not-told': 'You may still be signed in at your identity provider.',
    },
    advice: {
      partial: 'Close the browser to be on the safe side.',
      failed: 'Close the browser if others use it.',
      'not-told': 'Close the browser if others use it.',
    },
    appTold: (app) => `${app}: signed out there as well.`,
    appNotTold: (app) => `${app}: could not be told, but nobody gets to it through this browser any more.`,
    goOn: 'Go on',
    signInAgain: 'Sign in again',
  },
  failed: {
    forbidden: 'You may not open this',
    notFound: 'There is nothing here',
    tooLarge: 'That was too much at once',
    appSilent: 'The application does not answer',
    notNow: 'This does not work at the moment',
    expired: 'This link has expired',
    other: 'This did not work',
  },
  form: {
    sending: 'Your form is being sent',
    sendingIntro: (app) =>
      `You had to sign in first; now the form goes on to ${app}. If nothing happens, please press the button.`,
    ask: 'Send the form?',
    askIntro: (who, app) =>
      html`Before you signed in as ${who}, a form was sent from this browser to ${app}. It has been kept, and is sent in your name only if you say so.`,
    askWarning: 'If it was not you who filled it in, do not send it.',
    send: 'Send the form',
    doNotSend: 'Do not send it',
    gone: 'There is no form to send',
    ofAnother: 'The form was not sent',
    again: 'Please send the form again',
    againIntro: 'You are signed in now. What you sent has not arrived: please fill in the form again and send it.',
    back: 'Back to the page',
  },
  post: {
    title: 'One moment',
    intro: 'You are being taken on. If nothing happens, please press the button.',
    goOn: 'Go on',
  },
};
