// German.

import { html } from '../html.ts';
import type { Texts } from './texts.ts';

/** The words of our pages in German. */
export const de: Texts = {
  dir: 'ltr',
  help: 'Brauchen Sie Hilfe?',
  quote: 'Wenn Sie um Hilfe bitten, geben Sie bitte dies an:',
  reason: 'Grund',
  request: 'Anfrage',
  tryAgain: 'Noch einmal versuchen',
  openAgain: 'Anwendung neu öffnen',
  choice: {
    title: 'Wo melden Sie sich an?',
    intro: (app) => `${app} wird von mehreren Organisationen genutzt. Bitte wählen Sie Ihre aus.`,
    asLastTime: 'wie beim letzten Mal',
  },
  apps: { title: 'Wohin möchten Sie?', intro: 'Sie sind angemeldet. Bitte wählen Sie eine Anwendung.' },
  signedOut: {
    title: 'Abgemeldet',
    heading: 'Sie sind abgemeldet',
    over: 'Ihre Sitzung ist beendet, in allen Anwendungen hinter diesem Gateway.',
    idp: {
      told: 'Ihr Anmeldedienst hat Sie ebenfalls abgemeldet.',
      partial: 'Ihr Anmeldedienst hat Sie abgemeldet, konnte aber nicht alle anderen Anwendungen erreichen.',
      failed: 'Ihr Anmeldedienst hat nicht bestätigt, dass er Sie abgemeldet hat.',
      'not-told': 'Bei Ihrem Anmeldedienst sind Sie möglicherweise noch angemeldet.',
    },
    advice: {
      partial: 'Schließen Sie sicherheitshalber den Browser.',
      failed: 'Schließen Sie den Browser, wenn auch andere ihn benutzen.',
      'not-told': 'Schließen Sie den Browser, wenn auch andere ihn benutzen.',
    },
    appTold: (app) => `${app}: auch dort abgemeldet.`,
    appNotTold: (app) =>
      `${app}: konnte nicht benachrichtigt werden, ist über diesen Browser aber nicht mehr erreichbar.`,
    goOn: 'Weiter',
    signInAgain: 'Wieder anmelden',
  },
  failed: {
    forbidden: 'Kein Zugriff',
    notFound: 'Hier gibt es nichts',
    tooLarge: 'Das war zu viel auf einmal',
    appSilent: 'Die Anwendung antwortet nicht',
    notNow: 'Das geht im Moment nicht',
    expired: 'Dieser Link ist abgelaufen',
    other: 'Das hat nicht funktioniert',
  },
  form: {
    sending: 'Ihr Formular wird gesendet',
    sendingIntro: (app) =>
      `Sie mussten sich erst anmelden; jetzt geht das Formular an ${app}. Wenn nichts geschieht, drücken Sie bitte den Knopf.`,
    ask: 'Formular senden?',
    askIntro: (who, app) =>
      html`Bevor Sie sich als ${who} angemeldet haben, wurde aus diesem Browser ein Formular an ${app} gesendet. Es wurde aufbewahrt und wird nur dann in Ihrem Namen gesendet, wenn Sie das möchten.`,
    askWarning: 'Wenn Sie es nicht selbst ausgefüllt haben, senden Sie es nicht.',
    send: 'Formular senden',
    doNotSend: 'Nicht senden',
    gone: 'Es gibt kein Formular zu senden',
    ofAnother: 'Das Formular wurde nicht gesendet',
    again: 'Bitte senden Sie das Formular noch einmal',
    againIntro:
      'Sie sind jetzt angemeldet. Was Sie gesendet haben, ist nicht angekommen: Bitte füllen Sie das Formular noch einmal aus und senden Sie es.',
    back: 'Zurück zur Seite',
  },
  post: {
    title: 'Einen Moment',
    intro: 'Sie werden weitergeleitet. Wenn nichts geschieht, drücken Sie bitte den Knopf.',
    goOn: 'Weiter',
  },
};
