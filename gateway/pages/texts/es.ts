// Spanish.

import { html } from '../html.ts';
import type { Texts } from './texts.ts';

/** The words of our pages in Spanish. */
export const es: Texts = {
  dir: 'ltr',
  help: '¿Necesita ayuda?',
  quote: 'Si pide ayuda, indique lo siguiente:',
  reason: 'Motivo',
  request: 'Solicitud',
  tryAgain: 'Intentarlo de nuevo',
  openAgain: 'Abrir de nuevo la aplicación',
  choice: {
    title: '¿Dónde inicia sesión?',
    intro: (app) => `Personas de varias organizaciones utilizan ${app}. Elija la suya.`,
    asLastTime: 'como la última vez',
  },
  apps: { title: '¿Adónde quiere ir?', intro: 'Ha iniciado sesión. Elija una aplicación.' },
  signedOut: {
    title: 'Sesión cerrada',
    heading: 'Ha cerrado la sesión',
    over: 'Su sesión ha terminado en todas las aplicaciones de esta pasarela.',
    idp: {
      told: 'Su proveedor de identidad también ha cerrado su sesión.',
      partial:
        'Su proveedor de identidad ha cerrado su sesión, pero no ha podido avisar a todas las demás aplicaciones.',
      failed: 'Su proveedor de identidad no ha confirmado que haya cerrado su sesión.',
      'not-told': 'Es posible que su sesión siga abierta en su proveedor de identidad.',
    },
    advice: {
      partial: 'Por precaución, cierre el navegador.',
      failed: 'Cierre el navegador si lo utilizan otras personas.',
      'not-told': 'Cierre el navegador si lo utilizan otras personas.',
    },
    appTold: (app) => `${app}: también se ha cerrado la sesión.`,
    appNotTold: (app) => `${app}: no se le ha podido avisar, pero ya no es accesible desde este navegador.`,
    goOn: 'Continuar',
    signInAgain: 'Iniciar sesión de nuevo',
  },
  failed: {
    forbidden: 'Acceso denegado',
    notFound: 'Aquí no hay nada',
    tooLarge: 'Ha sido demasiado de una vez',
    appSilent: 'La aplicación no responde',
    notNow: 'Ahora mismo no es posible',
    expired: 'Este enlace ha caducado',
    other: 'No ha funcionado',
  },
  form: {
    sending: 'Enviando su formulario',
    sendingIntro: (app) =>
      `Primero tenía que iniciar sesión; ahora el formulario se envía a ${app}. Si no ocurre nada, pulse el botón.`,
    ask: '¿Enviar el formulario?',
    askIntro: (who, app) =>
      html`Antes de que iniciara sesión como ${who}, se envió un formulario desde este navegador a ${app}. Se ha guardado y solo se enviará en su nombre si usted lo desea.`,
    askWarning: 'Si no lo ha rellenado usted, no lo envíe.',
    send: 'Enviar el formulario',
    doNotSend: 'No enviarlo',
    gone: 'No hay ningún formulario que enviar',
    ofAnother: 'El formulario no se ha enviado',
    again: 'Envíe de nuevo el formulario',
    againIntro: 'Ya ha iniciado sesión. Lo que envió no ha llegado: rellene de nuevo el formulario y envíelo.',
    back: 'Volver a la página',
  },
  post: {
    title: 'Un momento',
    intro: 'Se le está redirigiendo. Si no ocurre nada, pulse el botón.',
    goOn: 'Continuar',
  },
};
