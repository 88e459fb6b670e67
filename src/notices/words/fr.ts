import type { NoticeWords } from "./words";

/** French, in the formal “vous”. */
export const fr: NoticeWords<"one" | "other"> = {
  greeting: "Bonjour,",
  letters: {
    enabled: {
      subject: "Double authentification activée",
      happened:
        "La double authentification a été activée pour votre compte {issuer}. Désormais, la connexion demande une deuxième étape après votre mot de passe.",
      next: "Conservez vos codes de secours là où vous les trouverez sans votre téléphone.",
    },
    replaced: {
      subject: "Application d’authentification changée",
      happened:
        "Une nouvelle application d’authentification a été configurée pour votre compte {issuer}. Les codes de l’ancienne ne fonctionnent plus.",
      next: "Dans tous les autres navigateurs, un code de la nouvelle application sera demandé.",
    },
    disabled: {
      subject: "Double authentification désactivée",
      happened:
        "La double authentification a été désactivée pour votre compte {issuer}. Votre mot de passe suffit maintenant pour l’ouvrir.",
      next: "Vous pouvez la réactiver dans vos réglages de double authentification.",
    },
    reset: {
      subject: "Double authentification réinitialisée",
      happened:
        "L’équipe {issuer} a réinitialisé votre double authentification. Votre application, vos codes de secours et tous les navigateurs mémorisés ne fonctionnent plus.",
      next: "Connectez-vous sans tarder et configurez-la de nouveau\u00a0: d’ici là, seul votre mot de passe protège votre compte.",
    },
    "factor-added": {
      subject: "Un second facteur a été ajouté",
      happened: "L’équipe {issuer} a ajouté un second facteur à votre compte, par exemple un jeton matériel.",
      next: "Désormais, il peut vous être demandé à la connexion.",
    },
    "factor-removed": {
      subject: "Un second facteur a été retiré",
      happened: "L’équipe {issuer} a retiré un second facteur de votre compte. Il ne permet plus de l’ouvrir.",
      next: "S’il ne vous en reste aucun, connectez-vous sans tarder et configurez-en un.",
    },
    "recovery-codes-regenerated": {
      subject: "Vous avez de nouveaux codes de secours",
      happened:
        "De nouveaux codes de secours ont été créés pour votre compte {issuer}. Les anciens ne fonctionnent plus.",
      next: "Jetez l’ancienne liste et conservez la nouvelle en lieu sûr.",
    },
    "recovery-code-used": {
      subject: "Un code de secours a été utilisé",
      happened: "L’un de vos codes de secours pour {issuer} a été utilisé. Il ne fonctionnera plus.",
      next: {
        none: "C’était le dernier. Créez-en de nouveaux dans vos réglages de double authentification avant d’en avoir besoin.",
        one: "Il vous en reste {remaining}. Vous avez perdu votre téléphone\u00a0? Configurez une nouvelle application d’authentification.",
        other:
          "Il vous en reste {remaining}. Vous avez perdu votre téléphone\u00a0? Configurez une nouvelle application d’authentification.",
      },
    },
    "recovery-codes-low": {
      subject: "Vos codes de secours seront bientôt épuisés",
      happened: {
        none: "Vous n’avez plus de code de secours pour {issuer}.",
        one: "Il ne vous reste que {remaining} code de secours pour {issuer}.",
        other: "Il ne vous reste que {remaining} codes de secours pour {issuer}.",
      },
      next: "Créez-en de nouveaux dans vos réglages de double authentification, afin de pouvoir entrer même si vous perdez votre téléphone.",
    },
    locked: {
      subject: "Trop de codes erronés",
      happened:
        "Des codes erronés ont été saisis pour votre compte {issuer}. Les codes sont donc refusés jusqu’au {until}.",
      next: "Si c’était vous, attendez jusque-là, puis réessayez. Là où votre session est déjà ouverte, rien ne change.",
    },
    "locked-for-good": {
      subject: "Trop de codes erronés",
      happened:
        "Des codes erronés ont été saisis pour votre compte {issuer}. Les codes sont donc refusés jusqu’à ce que les responsables du site débloquent votre compte.",
      next: "Demandez-leur de le débloquer. Là où votre session est déjà ouverte, rien ne change.",
    },
    unlocked: {
      subject: "Votre compte est débloqué",
      happened: "Votre compte {issuer} était bloqué après des codes erronés. Il est maintenant débloqué.",
      next: "Vous pouvez vous connecter comme d’habitude.",
    },
    "password-suspected": {
      subject: "Quelqu’un connaît peut-être votre mot de passe",
      happened:
        "Quelqu’un qui a votre mot de passe a essayé de se connecter à votre compte {issuer} depuis un navigateur que nous ne connaissons pas, et a saisi des codes erronés.",
      next: "La deuxième étape l’en a empêché\u00a0: personne n’est entré.",
    },
    "code-sending-limited": {
      subject: "Des codes sont demandés à répétition",
      happened:
        "De nombreux codes de connexion pour {issuer} vous ont été envoyés, et aucun n’a été utilisé. Pour l’instant, nous les envoyons moins souvent.",
      next: "Si vous en avez besoin, utilisez le dernier que nous avons envoyé.",
    },
    "browser-remembered": {
      subject: "Un navigateur a été mémorisé",
      happened:
        "Après une connexion à votre compte {issuer}, le navigateur a été mémorisé. Pendant quelque temps, aucun code n’y sera demandé.",
      next: "Vos réglages de double authentification montrent tous les navigateurs mémorisés et permettent de les supprimer.",
    },
    "key-added": {
      subject: "Clé de sécurité ajoutée",
      happened:
        "Une clé de sécurité ou clé d’accès a été ajoutée à votre compte {issuer}. Elle peut désormais servir de deuxième étape.",
      next: "Conservez aussi vos codes de secours, au cas où vous la perdriez.",
    },
    "key-removed": {
      subject: "Clé de sécurité supprimée",
      happened:
        "Une clé de sécurité ou clé d’accès a été supprimée de votre compte {issuer}. Elle ne permet plus de se connecter.",
      next: "Vos réglages de double authentification montrent celles qui restent.",
    },
    "key-suspicious": {
      subject: "Une clé de sécurité a été refusée",
      happened:
        "L’une de vos clés de sécurité a été refusée lors d’une connexion à {issuer}, car elle semblait avoir été copiée.",
      next: "Connectez-vous autrement et supprimez cette clé dans vos réglages de double authentification. Vous pouvez y en ajouter une autre.",
    },
    "recovery-requested": {
      subject: "Quelqu’un demande à récupérer votre compte",
      happened:
        "Quelqu’un s’est connecté à {issuer} avec votre mot de passe, a indiqué ne plus pouvoir passer la deuxième étape et a demandé à en configurer une nouvelle.",
      next: "Rien n’a encore changé\u00a0: il faut pour cela le code ci-dessous, saisi dans les 24 heures sur la page qui le demande, puis un délai d’attente.",
    },
    "recovery-confirmed": {
      subject: "La récupération de votre compte a commencé",
      happened:
        "La récupération de votre compte {issuer} a été confirmée avec le code de notre e-mail. À partir du {readyAt}, une nouvelle deuxième étape pourra être configurée.",
      next: "D’ici là, tout reste en l’état, et vous pouvez l’arrêter à tout moment.",
    },
    "recovery-half-way": {
      subject: "La moitié du délai d’attente est écoulée",
      happened:
        "La moitié du délai d’attente pour la récupération de votre compte {issuer} est écoulée. À partir du {readyAt}, une nouvelle deuxième étape pourra être configurée.",
      next: "D’ici là, tout reste en l’état, et vous pouvez l’arrêter à tout moment.",
    },
    "recovery-ready": {
      subject: "Vous pouvez configurer une nouvelle deuxième étape",
      happened:
        "Le délai d’attente pour la récupération de votre compte {issuer} est écoulé. Une nouvelle deuxième étape peut maintenant être configurée.",
      next: "Connectez-vous avec votre mot de passe\u00a0; nous vous enverrons un nouveau code pour cela. L’ancienne étape fonctionne jusqu’à la confirmation de la nouvelle.",
    },
    "recovery-code": {
      subject: "Un code pour votre nouvelle deuxième étape",
      happened:
        "Le délai d’attente pour la récupération de votre compte {issuer} est écoulé, et quelqu’un qui a votre mot de passe veut maintenant configurer une nouvelle deuxième étape.",
      next: "Il faut pour cela le code ci-dessous, saisi sur la page qui le demande. Il fonctionne une fois, pendant 24 heures.",
    },
    "recovery-cancelled": {
      subject: "La récupération de votre compte a été arrêtée",
      happened:
        "La récupération de votre compte {issuer} a été arrêtée. Votre deuxième étape reste telle qu’elle était.",
      next: "Si vous ne pouvez toujours pas vous connecter, demandez de l’aide à {issuer}.",
    },
    "recovery-finished": {
      subject: "Votre compte a été récupéré",
      happened:
        "Après une récupération, une nouvelle deuxième étape a été configurée pour votre compte {issuer}. L’ancienne ne fonctionne plus, et le compte a été déconnecté partout ailleurs.",
      next: "Conservez vos nouveaux codes de secours là où vous les trouverez sans votre téléphone.",
    },
  },
  ifNotYou: {
    change:
      "Si c’était vous, il n’y a rien d’autre à faire. Sinon, quelqu’un d’autre est entré dans votre compte\u00a0: changez tout de suite votre mot de passe, vérifiez vos réglages de double authentification et prévenez {issuer}.",
    password:
      "Si c’était vous, il n’y a rien d’autre à faire. Sinon, quelqu’un connaît votre mot de passe\u00a0: remplacez-le tout de suite par un autre, que vous n’utilisez nulle part ailleurs, et prévenez {issuer}.",
    operator: "Si vous ne l’avez pas demandé, prévenez {issuer} tout de suite.",
    codes:
      "Si ce n’est pas vous qui les avez utilisés, quelqu’un d’autre est entré dans votre compte\u00a0: changez tout de suite votre mot de passe et prévenez {issuer}.",
    recovery:
      "Si ce n’est pas vous, arrêtez-la maintenant. Remplacez ensuite votre mot de passe par un autre, que vous n’utilisez nulle part ailleurs\u00a0: la personne qui a fait cette demande le connaît.",
    stopped:
      "Si ce n’est pas vous qui l’aviez demandée, quelqu’un connaît votre mot de passe\u00a0: remplacez-le tout de suite par un autre, que vous n’utilisez nulle part ailleurs, et prévenez {issuer}.",
  },
  details: {
    when: "Quand\u00a0: {when}",
    address: "Adresse IP\u00a0: {address}",
    browser: "Navigateur\u00a0: {browser}",
    reason: "Motif\u00a0: «\u00a0{reason}\u00a0»",
    key: "Nom de la clé\u00a0: «\u00a0{key}\u00a0»",
    code: "Code\u00a0: {code}",
  },
  browserOnSystem: "{browser} sous {system}",
  dateAndTime: "{date} à {time}",
  links: {
    cancel: "Arrêter la récupération\u00a0: {url}",
    account: "Réglages de double authentification\u00a0: {url}",
    support: "Prévenir {issuer}\u00a0: {url}",
  },
  closing: "Nous ne demandons jamais de code ni de mot de passe par e-mail.",
};
