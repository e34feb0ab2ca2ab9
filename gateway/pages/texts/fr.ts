// French. Before a colon, a question mark or a semicolon stands a space that does not break.

import { html } from '../html.ts';
import type { Texts } from './texts.ts';

/** The words of our pages in French. */
export const fr: Texts = {
  dir: 'ltr',
  help: 'Besoin d’aide\u00a0?',
  quote: 'Si vous demandez de l’aide, veuillez indiquer\u00a0:',
  reason: 'Motif',
  request: 'Demande',
  tryAgain: 'Réessayer',
  openAgain: 'Rouvrir l’application',
  choice: {
    title: 'Où vous connectez-vous\u00a0?',
    intro: (app) => `${app} est utilisé par plusieurs organisations. Veuillez choisir la vôtre.`,
    asLastTime: 'comme la dernière fois',
  },
  apps: {
    title: 'Où souhaitez-vous aller\u00a0?',
    intro: 'Votre connexion est établie. Veuillez choisir une application.',
  },
  signedOut: {
    title: 'Déconnexion effectuée',
    heading: 'Votre session est fermée',
    over: 'Elle a pris fin dans toutes les applications accessibles par cette passerelle.',
    idp: {
      told: 'Votre fournisseur d’identité a également fermé votre session.',
      partial:
        'Votre fournisseur d’identité a fermé votre session, mais n’a pas pu joindre toutes les autres applications.',
      failed: 'Votre fournisseur d’identité n’a pas confirmé la fermeture de votre session.',
      'not-told': 'Votre session est peut-être encore ouverte chez votre fournisseur d’identité.',
    },
    advice: {
      partial: 'Par précaution, fermez le navigateur.',
      failed: 'Fermez le navigateur si d’autres personnes l’utilisent.',
      'not-told': 'Fermez le navigateur si d’autres personnes l’utilisent.',
    },
    appTold: (app) => `${app}\u00a0: votre session y est également fermée.`,
    appNotTold: (app) => `${app}\u00a0: n’a pas pu être prévenue, mais n’est plus accessible depuis ce navigateur.`,
    goOn: 'Continuer',
    signInAgain: 'Se reconnecter',
  },
  failed: {
    forbidden: 'Accès refusé',
    notFound: 'Il n’y a rien ici',
    tooLarge: 'C’était trop à la fois',
    appSilent: 'L’application ne répond pas',
    notNow: 'Ce n’est pas possible pour le moment',
    expired: 'Ce lien a expiré',
    other: 'Cela n’a pas fonctionné',
  },
  form: {
    sending: 'Envoi de votre formulaire',
    sendingIntro: (app) =>
      `Vous deviez d’abord vous connecter\u00a0; le formulaire est maintenant transmis à ${app}. Si rien ne se passe, veuillez appuyer sur le bouton.`,
    ask: 'Envoyer le formulaire\u00a0?',
    askIntro: (who, app) =>
      html`Avant votre connexion en tant que ${who}, un formulaire a été envoyé de ce navigateur à ${app}. Il a été conservé et ne sera envoyé en votre nom que si vous le demandez.`,
    askWarning: 'Si ce n’est pas vous qui l’avez rempli, ne l’envoyez pas.',
    send: 'Envoyer le formulaire',
    doNotSend: 'Ne pas l’envoyer',
    gone: 'Il n’y a aucun formulaire à envoyer',
    ofAnother: 'Le formulaire n’a pas été envoyé',
    again: 'Veuillez renvoyer le formulaire',
    againIntro:
      'Votre connexion est établie. Votre envoi n’est pas arrivé\u00a0: veuillez remplir à nouveau le formulaire et l’envoyer.',
    back: 'Retour à la page',
  },
  post: {
    title: 'Un instant',
    intro: 'Redirection en cours. Si rien ne se passe, veuillez appuyer sur le bouton.',
    goOn: 'Continuer',
  },
};
