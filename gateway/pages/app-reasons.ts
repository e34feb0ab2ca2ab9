// Why an application was not reached or not opened, in every language. The key is the English sentence, as it stands in a room's codes.

import type { Translated } from './reasons.ts';

/** What has to do with an application, and who may use it. */
export const APP_REASONS = {
  'This address can be read in more than one way and is not accepted.': {
    de: 'Diese Adresse lässt sich auf mehr als eine Weise lesen und wird nicht angenommen.',
    fr: 'Cette adresse peut être lue de plusieurs façons et n’est pas acceptée.',
    es: 'Esta dirección se puede interpretar de más de una manera y no se acepta.',
    ja: 'このアドレスは複数の意味に解釈できるため、受け付けられません。',
  },
  'There is no application at this address.': {
    de: 'Unter dieser Adresse gibt es keine Anwendung.',
    fr: 'Il n’y a aucune application à cette adresse.',
    es: 'No hay ninguna aplicación en esta dirección.',
    ja: 'このアドレスにはアプリケーションがありません。',
  },
  'You are not allowed to use this address.': {
    de: 'Sie sind nicht berechtigt, diese Adresse zu nutzen.',
    fr: 'Vous n’avez pas le droit d’utiliser cette adresse.',
    es: 'No tiene permiso para usar esta dirección.',
    ja: 'このアドレスを利用する権限がありません。',
  },
  'The application is not running.': {
    de: 'Die Anwendung läuft nicht.',
    fr: 'L’application n’est pas en service.',
    es: 'La aplicación no está en marcha.',
    ja: 'アプリケーションが起動していません。',
  },
  'The application cannot be reached.': {
    de: 'Die Anwendung ist nicht erreichbar.',
    fr: 'L’application est injoignable.',
    es: 'No se puede acceder a la aplicación.',
    ja: 'アプリケーションに接続できません。',
  },
  'The application broke off.': {
    de: 'Die Anwendung hat die Verbindung abgebrochen.',
    fr: 'L’application a interrompu la connexion.',
    es: 'La aplicación ha interrumpido la conexión.',
    ja: 'アプリケーションが接続を切断しました。',
  },
  'The application gave an answer that cannot be understood.': {
    de: 'Die Anwendung hat eine unverständliche Antwort gegeben.',
    fr: 'L’application a donné une réponse incompréhensible.',
    es: 'La aplicación ha dado una respuesta que no se puede entender.',
    ja: 'アプリケーションから解釈できない応答がありました。',
  },
  'The application did not answer in time.': {
    de: 'Die Anwendung hat nicht rechtzeitig geantwortet.',
    fr: 'L’application n’a pas répondu à temps.',
    es: 'La aplicación no ha respondido a tiempo.',
    ja: 'アプリケーションが時間内に応答しませんでした。',
  },
  'The application is busy. Please try again.': {
    de: 'Die Anwendung ist ausgelastet. Bitte versuchen Sie es noch einmal.',
    fr: 'L’application est très sollicitée. Veuillez réessayer.',
    es: 'La aplicación está ocupada. Vuelva a intentarlo.',
    ja: 'アプリケーションが混み合っています。もう一度お試しください。',
  },
  'The gateway is shutting down. Please try again.': {
    de: 'Das Gateway wird gerade beendet. Bitte versuchen Sie es noch einmal.',
    fr: 'La passerelle est en cours d’arrêt. Veuillez réessayer.',
    es: 'La pasarela se está cerrando. Vuelva a intentarlo.',
    ja: 'ゲートウェイを停止しています。もう一度お試しください。',
  },
  'What you sent is larger than this application accepts.': {
    de: 'Was Sie gesendet haben, ist größer, als diese Anwendung annimmt.',
    fr: 'Votre envoi est plus volumineux que ce que cette application accepte.',
    es: 'Lo que ha enviado es más grande de lo que acepta esta aplicación.',
    ja: '送信された内容が、このアプリケーションの上限を超えています。',
  },
  'The request is encoded in a way this gateway does not understand.': {
    de: 'Die Anfrage ist in einer Weise codiert, die dieses Gateway nicht versteht.',
    fr: 'La requête est codée d’une façon que cette passerelle ne comprend pas.',
    es: 'La solicitud está codificada de una forma que esta pasarela no entiende.',
    ja: 'リクエストは、このゲートウェイが対応していない形式で符号化されています。',
  },
  'The address of the request cannot be passed on.': {
    de: 'Die Adresse der Anfrage kann nicht weitergegeben werden.',
    fr: 'L’adresse de la requête ne peut pas être transmise.',
    es: 'La dirección de la solicitud no se puede transmitir.',
    ja: 'リクエストのアドレスを転送できません。',
  },
  'The request cannot be passed on.': {
    de: 'Die Anfrage kann nicht weitergegeben werden.',
    fr: 'La requête ne peut pas être transmise.',
    es: 'La solicitud no se puede transmitir.',
    ja: 'リクエストを転送できません。',
  },
  'TRACE is not passed on.': {
    de: 'TRACE wird nicht weitergegeben.',
    fr: 'TRACE n’est pas transmis.',
    es: 'TRACE no se transmite.',
    ja: 'TRACE は転送されません。',
  },
  'Only WebSocket connections can be upgraded here.': {
    de: 'Hier können nur WebSocket-Verbindungen aufgebaut werden.',
    fr: 'Seules les connexions WebSocket peuvent être établies ici.',
    es: 'Aquí solo se pueden establecer conexiones WebSocket.',
    ja: 'ここで確立できるのは WebSocket 接続のみです。',
  },
  'Your account has a name this gateway cannot pass on to the application.': {
    de: 'Ihr Konto hat einen Namen, den dieses Gateway nicht an die Anwendung weitergeben kann.',
    fr: 'Votre compte porte un nom que cette passerelle ne peut pas transmettre à l’application.',
    es: 'Su cuenta tiene un nombre que esta pasarela no puede transmitir a la aplicación.',
    ja: 'アカウント名に、このゲートウェイからアプリケーションへ渡せない文字が含まれています。',
  },
} as const satisfies Readonly<Record<string, Translated>>;
