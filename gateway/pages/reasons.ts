// Why something did not go on here, in every language. The key is the English sentence, as it stands in a room's codes.

import type { Language } from './languages.ts';

/** A sentence in every language but English. */
export type Translated = Readonly<Record<Exclude<Language, 'en'>, string>>;

/** What has to do with signing in and out, with addresses, and with forms that waited. */
export const OWN_REASONS = {
  'This link leads to an address that does not belong here.': {
    de: 'Dieser Link führt zu einer Adresse, die nicht hierher gehört.',
    fr: 'Ce lien mène à une adresse qui n’appartient pas à ce site.',
    es: 'Este enlace lleva a una dirección que no pertenece a este sitio.',
    ja: 'このリンクの移動先は、このサイトのアドレスではありません。',
  },
  'This application does not let people of that identity provider in.': {
    de: 'Diese Anwendung ist für Personen dieses Anmeldedienstes nicht zugänglich.',
    fr: 'Cette application n’est pas ouverte aux personnes de ce fournisseur d’identité.',
    es: 'Esta aplicación no admite a personas de ese proveedor de identidad.',
    ja: 'このアプリケーションは、その認証サービスの方にはご利用いただけません。',
  },
  'This application asks for no such kind of sign-in.': {
    de: 'Diese Anwendung verlangt keine solche Art der Anmeldung.',
    fr: 'Cette application ne demande pas ce type de connexion.',
    es: 'Esta aplicación no pide ese tipo de inicio de sesión.',
    ja: 'このアプリケーションでは、その方式のサインインは必要ありません。',
  },
  'This sign-in link has expired or was begun in another browser. Please open the application again.': {
    de: 'Dieser Anmeldelink ist abgelaufen oder gehört zu einem anderen Browser. Bitte öffnen Sie die Anwendung neu.',
    fr: 'Ce lien de connexion a expiré ou vient d’un autre navigateur. Veuillez rouvrir l’application.',
    es: 'Este enlace de inicio de sesión ha caducado o se abrió en otro navegador. Abra de nuevo la aplicación.',
    ja: 'このサインイン用リンクは期限切れか、別のブラウザーで開始されたものです。アプリケーションを開き直してください。',
  },
  'There is no such page here.': {
    de: 'Diese Seite gibt es hier nicht.',
    fr: 'Cette page n’existe pas ici.',
    es: 'Aquí no existe esa página.',
    ja: 'お探しのページはここにはありません。',
  },
  'Too many sign-ins have been begun from here. Please try again in a moment.': {
    de: 'Von hier wurden zu viele Anmeldungen begonnen. Bitte versuchen Sie es gleich noch einmal.',
    fr: 'Trop de connexions ont été commencées depuis cet endroit. Veuillez réessayer dans un instant.',
    es: 'Se han iniciado demasiadas sesiones desde aquí. Vuelva a intentarlo en unos instantes.',
    ja: 'この場所から開始されたサインインが多すぎます。しばらくしてからもう一度お試しください。',
  },
  'Too many sign-in or sign-out messages have come from here. Please try again in a moment.': {
    de: 'Von hier kamen zu viele An- oder Abmeldenachrichten. Bitte versuchen Sie es gleich noch einmal.',
    fr: 'Trop de messages de connexion ou de déconnexion sont venus de cet endroit. Veuillez réessayer dans un instant.',
    es: 'Han llegado demasiados mensajes de inicio o cierre de sesión desde aquí. Vuelva a intentarlo en unos instantes.',
    ja: 'この場所から届いたサインインまたはサインアウトの情報が多すぎます。しばらくしてからもう一度お試しください。',
  },
  'Please sign in.': {
    de: 'Bitte melden Sie sich an.',
    fr: 'Veuillez vous connecter.',
    es: 'Inicie sesión.',
    ja: 'サインインしてください。',
  },
  'This sign-in or sign-out message was sent to the wrong address.': {
    de: 'Diese An- oder Abmeldenachricht wurde an die falsche Adresse gesendet.',
    fr: 'Ce message de connexion ou de déconnexion a été envoyé à la mauvaise adresse.',
    es: 'Este mensaje de inicio o cierre de sesión se ha enviado a una dirección equivocada.',
    ja: 'サインインまたはサインアウトの情報が、誤ったアドレスに送信されました。',
  },
  'This sign-in or sign-out message could not be accepted.': {
    de: 'Diese An- oder Abmeldenachricht konnte nicht angenommen werden.',
    fr: 'Ce message de connexion ou de déconnexion n’a pas pu être accepté.',
    es: 'No se ha podido aceptar este mensaje de inicio o cierre de sesión.',
    ja: 'サインインまたはサインアウトの情報を受け付けられませんでした。',
  },
  'This page can be opened only once. If you signed out, you are signed out.': {
    de: 'Diese Seite lässt sich nur einmal öffnen. Wenn Sie sich abgemeldet haben, sind Sie abgemeldet.',
    fr: 'Cette page ne peut être ouverte qu’une fois. Si vous avez demandé la déconnexion, elle a bien eu lieu.',
    es: 'Esta página solo se puede abrir una vez. Si ha cerrado la sesión, está cerrada.',
    ja: 'このページは一度しか開けません。サインアウトの操作をされた場合、サインアウトは完了しています。',
  },
  'Signing in is not possible at the moment.': {
    de: 'Die Anmeldung ist im Moment nicht möglich.',
    fr: 'La connexion n’est pas possible pour le moment.',
    es: 'En este momento no es posible iniciar sesión.',
    ja: '現在サインインできません。',
  },
  'Your session cannot be looked up at the moment. Please try again shortly.': {
    de: 'Ihre Sitzung kann im Moment nicht geprüft werden. Bitte versuchen Sie es in Kürze noch einmal.',
    fr: 'Votre session ne peut pas être vérifiée pour le moment. Veuillez réessayer dans un instant.',
    es: 'En este momento no se puede comprobar su sesión. Vuelva a intentarlo en breve.',
    ja: '現在セッションを確認できません。しばらくしてからもう一度お試しください。',
  },
  'What was sent is too large.': {
    de: 'Was gesendet wurde, ist zu groß.',
    fr: 'L’envoi est trop volumineux.',
    es: 'Lo que se ha enviado es demasiado grande.',
    ja: '送信された内容が大きすぎます。',
  },
  'The request could not be read.': {
    de: 'Die Anfrage war nicht lesbar.',
    fr: 'La requête n’a pas pu être lue.',
    es: 'No se pudo leer la petición.',
    ja: 'リクエストを読み取れませんでした。',
  },
  'The address, or the cookies of this site, are too long.': {
    de: 'Die Adresse oder die Cookies dieser Website sind zu lang.',
    fr: 'L’adresse ou les cookies de ce site sont trop longs.',
    es: 'La dirección o las cookies de este sitio son demasiado largas.',
    ja: 'アドレスまたはこのサイトの Cookie が長すぎます。',
  },
  'This connection is not for that site. Load the page again.': {
    de: 'Diese Verbindung ist nicht für diese Website. Laden Sie die Seite neu.',
    fr: 'Cette connexion n’est pas destinée à ce site. Rechargez la page.',
    es: 'Esta conexión no es para ese sitio. Vuelva a cargar la página.',
    ja: 'この接続はそのサイト用ではありません。ページを再読み込みしてください。',
  },
  'You had to sign in first, and the form was too large to be kept until then.': {
    de: 'Sie mussten sich erst anmelden, und das Formular war zu groß, um es so lange aufzubewahren.',
    fr: 'Vous deviez d’abord vous connecter, et le formulaire était trop volumineux pour être conservé jusque-là.',
    es: 'Primero tenía que iniciar sesión, y el formulario era demasiado grande para guardarlo hasta entonces.',
    ja: '先にサインインが必要でした。フォームが大きすぎたため、それまで保管できませんでした。',
  },
  'You had to sign in first, and this kind of form could not be kept until then.': {
    de: 'Sie mussten sich erst anmelden, und diese Art von Formular konnte nicht so lange aufbewahrt werden.',
    fr: 'Vous deviez d’abord vous connecter, et ce type de formulaire n’a pas pu être conservé jusque-là.',
    es: 'Primero tenía que iniciar sesión, y este tipo de formulario no se pudo guardar hasta entonces.',
    ja: '先にサインインが必要でした。この種類のフォームは、それまで保管できませんでした。',
  },
  'You had to sign in first. The form came from another site, so it was not sent on.': {
    de: 'Sie mussten sich erst anmelden. Das Formular kam von einer anderen Website und wurde deshalb nicht weitergegeben.',
    fr: 'Vous deviez d’abord vous connecter. Le formulaire venait d’un autre site et n’a donc pas été transmis.',
    es: 'Primero tenía que iniciar sesión. El formulario procedía de otro sitio y por eso no se ha reenviado.',
    ja: '先にサインインが必要でした。フォームは別のサイトから送られたため、転送しませんでした。',
  },
  'You had to sign in first, and there was no room to keep the form until then.': {
    de: 'Sie mussten sich erst anmelden, und es war kein Platz, um das Formular so lange aufzubewahren.',
    fr: 'Vous deviez d’abord vous connecter, et il n’y avait pas la place de conserver le formulaire jusque-là.',
    es: 'Primero tenía que iniciar sesión, y no había espacio para guardar el formulario hasta entonces.',
    ja: '先にサインインが必要でした。空きがなかったため、それまでフォームを保管できませんでした。',
  },
  'You had to sign in first, and forms are not kept here until then.': {
    de: 'Sie mussten sich erst anmelden, und Formulare werden hier nicht so lange aufbewahrt.',
    fr: 'Vous deviez d’abord vous connecter, et les formulaires ne sont pas conservés ici jusque-là.',
    es: 'Primero tenía que iniciar sesión, y aquí los formularios no se guardan hasta entonces.',
    ja: '先にサインインが必要でした。ここではそれまでフォームを保管しません。',
  },
  'The form was sent already, has waited for more than 15 minutes, or was begun in another browser.': {
    de: 'Das Formular wurde schon gesendet, hat länger als 15 Minuten gewartet oder gehört zu einem anderen Browser.',
    fr: 'Le formulaire a déjà été envoyé, a attendu plus de 15 minutes ou vient d’un autre navigateur.',
    es: 'El formulario ya se ha enviado, ha esperado más de 15 minutos o se empezó en otro navegador.',
    ja: 'フォームはすでに送信されたか、15分以上経過したか、別のブラウザーで開始されたものです。',
  },
  'The form was filled in by somebody else who was signed in here before, so it was not sent.': {
    de: 'Das Formular hat jemand anderes ausgefüllt, der vorher hier angemeldet war. Deshalb wurde es nicht gesendet.',
    fr: 'Le formulaire a été rempli par une autre personne connectée ici auparavant\u00a0; il n’a donc pas été envoyé.',
    es: 'El formulario lo rellenó otra persona que había iniciado sesión aquí antes, por lo que no se ha enviado.',
    ja: 'フォームは、以前ここでサインインしていた別の方が入力したものです。そのため送信しませんでした。',
  },
  'Something went wrong here. It has been written down.': {
    de: 'Hier ist etwas schiefgegangen. Es wurde festgehalten.',
    fr: 'Une erreur s’est produite ici. Elle a été enregistrée.',
    es: 'Algo ha fallado aquí. Ha quedado registrado.',
    ja: '問題が発生しました。内容は記録されています。',
  },
} as const satisfies Readonly<Record<string, Translated>>;
