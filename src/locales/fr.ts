import type { Catalogue } from "./catalogue";

/** French, in the formal “vous”; no-break spaces stand before high punctuation as French typography asks. */
export const fr: Catalogue = {
  "layout.error": "Erreur\u00a0: {title}",
  "logout.button": "Se déconnecter",
  "cancel.link": "Annuler",

  "help.lead": "Besoin d’aide\u00a0?",
  "help.link": "Contactez {issuer}",
  "browser.onSystem": "{browser} sous {system}",

  "code.label.totp": "Code à {length} chiffres",
  "code.label.message": "Code reçu par message",
  "code.label.either": "Code",
  "code.label.recovery": "Code de secours",
  "code.hint.totp": "Ouvrez votre application d’authentification et cherchez {issuer}.",
  "code.hint.message": "Le dernier code que nous vous avons envoyé.",
  "code.hint.messageTo": "Le dernier code envoyé à {destination}.",
  "code.hint.either": "Celui de votre application d’authentification, ou le dernier que nous vous avons envoyé.",
  "code.hint.recoveryToo": "Un code de secours convient aussi.",
  "code.hint.recovery":
    "L’un des codes que vous avez conservés. Chacun sert une seule fois\u00a0; majuscules et tirets sont facultatifs.",
  "code.useRecovery": "Utiliser plutôt un code de secours",
  "code.useApp": "Utiliser plutôt un code de l’application",

  "verify.title": "Saisissez votre code",
  "verify.title.stepUp": "Confirmez que c’est bien vous",
  "verify.lead": "Encore une étape, et vous y êtes.",
  "verify.lead.stepUp": "Pour votre sécurité, saisissez un code pour continuer.",
  "verify.title.unlock": "Déverrouiller avec trois codes",
  "verify.lead.unlock":
    "Saisissez le code que votre application affiche maintenant, puis deux autres\u00a0: chacun une minute après le précédent, tous en dix minutes, dans cette fenêtre. Nous ne dirons qu’après le troisième s’ils étaient corrects.",
  "verify.unlock.given.one": "{count} code reçu. Continuez.",
  "verify.unlock.given.other": "{count} codes reçus. Continuez.",
  "verify.unlock.next": "Le prochain code est accepté {when} ({time}).",
  "verify.unlock.now": "Saisissez maintenant le code suivant.",
  "verify.unlock.closed":
    "Ce n’étaient pas trois codes corrects. Vous pourrez recommencer {when} ({time}), ou tout de suite après une nouvelle connexion.",
  "verify.sent": "Nous vous avons envoyé un code. Il peut mettre une minute à arriver, et reste valable {duration}.",
  "verify.unsent": "Nous vous enverrons un code quand vous le demanderez.",
  "verify.sentTo":
    "Nous avons envoyé un code à {destination}. Il peut mettre une minute à arriver, et reste valable {duration}.",
  "verify.unsentTo": "Nous enverrons un code à {destination} quand vous le demanderez.",
  "verify.remembers": "Ensuite, nous ne demanderons plus de code sur ce navigateur pendant {duration}.",
  "verify.finishBy": "Vous avez jusqu’à {time} pour terminer\u00a0; ensuite, il faudra vous reconnecter.",
  "verify.remember": "Ne plus demander de code sur ce navigateur pendant {duration}",
  "verify.remember.hint": "Seulement sur un appareil que personne d’autre n’utilise.",
  "verify.button": "Continuer",
  "verify.send": "M’envoyer un code",
  "verify.sendAgain": "Envoyer un nouveau code",
  "verify.sendWait": "Un nouveau code pourra être envoyé {when}.",
  "verify.sendNow": "Vous pouvez demander un nouveau code.",
  "verify.sendLimited":
    "Des codes ont été demandés à plusieurs reprises sans être utilisés. Un nouveau pourra être envoyé {when}\u00a0; d’ici là, le dernier envoyé reste valable.",
  "verify.lost": "Vous n’avez ni code ni code de secours\u00a0? Contactez {issuer}.",

  "setup.title": "Configurez une application d’authentification",
  "setup.title.replacing": "Configurez la nouvelle application",
  "setup.lead":
    "Après votre mot de passe, nous vous demanderons un code affiché sur votre téléphone. Le mot de passe seul ne suffira plus.",
  "setup.lead.required":
    "La double authentification est obligatoire pour votre compte\u00a0: après votre mot de passe, nous vous demanderons un code affiché sur votre téléphone.",
  "setup.lead.replacing": "L’ancienne application reste valable tant que la nouvelle n’est pas confirmée.",
  "setup.later.link": "Plus tard",
  "setup.app.title": "Ouvrez une application d’authentification",
  "setup.app.text":
    "N’importe laquelle convient, par exemple Google Authenticator, Microsoft Authenticator, 2FAS ou votre gestionnaire de mots de passe.",
  "setup.noApp.title": "Je n’ai pas d’application",
  "setup.noApp.text":
    "Installez-en une depuis le magasin d’applications de votre téléphone\u00a0: cherchez-y «\u00a0authenticator\u00a0». Pas de smartphone\u00a0? Beaucoup de gestionnaires de mots de passe affichent ces codes sur un ordinateur aussi.",
  "setup.scan.title": "Scannez ce QR code avec l’application",
  "setup.scan.label": "QR code pour {account}",
  "setup.scan.link": "L’application est sur ce téléphone\u00a0? Ouvrez-la",
  "setup.key.text":
    "Impossible de scanner\u00a0? Ajoutez le compte manuellement dans l’application, avec cette clé\u00a0:",
  "setup.key.account": "Compte\u00a0: {account}",
  "setup.key.label": "Clé de configuration\u00a0: {key}",
  "setup.key.copy": "Copier la clé",
  "setup.key.copied": "Clé copiée.",
  "setup.noScan.title": "Je ne peux ni scanner ni saisir la clé",
  "setup.noScan.text":
    "Dans l’application, touchez «\u00a0+\u00a0», choisissez la saisie manuelle d’une clé, puis saisissez le compte et la clé\u00a0; parmi les types proposés, prenez «\u00a0basé sur le temps\u00a0». Vous lisez ceci sur le téléphone lui-même\u00a0? Le lien près du QR code ouvre l’application. Sur un ordinateur, collez la clé dans votre gestionnaire de mots de passe.",
  "setup.code.title": "Saisissez le code affiché par l’application",
  "setup.button": "Confirmer",
  "setup.goodUntil": "Prenez votre temps\u00a0: cette page reste valable jusqu’à {time}.",
  "enrolmentCode.title": "Configurer avec votre code",
  "enrolmentCode.lead":
    "Votre double authentification a été réinitialisée. Avant de la configurer de nouveau, saisissez le code qui vous a été remis.",
  "enrolmentCode.label": "Code d’inscription",
  "enrolmentCode.hint":
    "16 lettres et chiffres\u00a0; majuscules et tirets n’ont pas d’importance. Il fonctionne une fois, pendant 24 heures après la réinitialisation.",
  "enrolmentCode.lost": "Pas de code, ou il ne fonctionne plus\u00a0? Demandez-en un nouveau à {issuer}.",

  "enrolmentCode.sent.title": "Confirmez votre identité",
  "enrolmentCode.sent.lead": "Avant de configurer, saisissez le code que nous venons de vous envoyer.",
  "enrolmentCode.sentTo.lead": "Avant de configurer, saisissez le code que nous venons d’envoyer à {destination}.",
  "lostAll.title": "Vous avez tout perdu\u00a0?",
  "lostAll.link": "Vous avez tout perdu\u00a0?",
  "lostAll.lead":
    "Sans votre application, votre clé ni vos codes de secours, vous pouvez quand même obtenir une nouvelle deuxième étape. Pour vous protéger, cela prend du temps.",
  "lostAll.step.code": "Nous envoyons un code à votre adresse e-mail, et vous le saisissez ici.",
  "lostAll.step.wait":
    "Vous attendez ensuite {duration}. Nous vous écrivons au début, à la moitié et à la fin, et chaque e-mail contient un lien qui arrête tout.",
  "lostAll.step.finish":
    "Après cela, un deuxième code reçu par e-mail vous permet de configurer une nouvelle application. D’ici là, tout reste en l’état.",
  "lostAll.request": "M’envoyer le code",
  "lostAll.sent":
    "Le code est dans votre boîte e-mail, et valable 24 heures. Si vous êtes déconnecté entre-temps, reconnectez-vous et revenez ici.",
  "lostAll.code.label": "Code reçu par e-mail",
  "lostAll.code.hint": "16 lettres et chiffres\u00a0; majuscules et tirets n’ont pas d’importance.",
  "lostAll.confirm": "Commencer l’attente",
  "lostAll.finish": "Passer à la configuration",
  "lostAll.waiting":
    "L’attente se termine {when} ({time}). Nous vous écrirons\u00a0; connectez-vous alors et revenez ici.",
  "lostAll.waiting.stays": "D’ici là, tout reste en l’état.",
  "lostAll.ready": "L’attente est terminée. Un nouveau code reçu par e-mail ouvre la configuration.",
  "lostAll.send": "M’envoyer un nouveau code",
  "lostAll.send.again": "Envoyer un autre code",
  "lostAll.open":
    "La configuration est ouverte. Ce que vous aviez fonctionne jusqu’à la confirmation de la nouvelle application.",
  "lostAll.open.link": "Configurer une nouvelle application",
  "lostAll.closed": "Vous pourrez refaire cette demande {when} ({time}).",
  "lostAll.found":
    "Vous avez retrouvé votre téléphone, votre clé ou un code de secours\u00a0? Utilisez-le pour vous connecter, et tout ceci s’arrête de soi-même.",
  "lostAll.back": "Retour à la saisie du code",
  "stopRecovery.title": "Arrêter la récupération\u00a0?",
  "stopRecovery.text":
    "Quelqu’un s’est connecté à {issuer} avec votre mot de passe et a demandé une nouvelle deuxième étape pour votre compte. Si ce n’est pas vous, arrêtez-la maintenant.",
  "stopRecovery.button": "L’arrêter",
  "stopRecovery.yours": "Si c’était vous, fermez cette page\u00a0: rien n’a changé.",
  "stopRecovery.done.title": "La récupération est arrêtée",
  "stopRecovery.done.text": "Votre deuxième étape reste telle qu’elle était.",
  "stopRecovery.done.next":
    "Si vous ne l’aviez pas demandée, quelqu’un connaît votre mot de passe\u00a0: remplacez-le tout de suite par un autre, que vous n’utilisez nulle part ailleurs.",

  "recovery.title": "Enregistrez vos codes de secours",
  "recovery.enabled.title": "La double authentification est activée",
  "recovery.enabled.text": "Votre compte est protégé. Dès votre prochaine connexion, nous vous demanderons un code.",
  "recovery.replaced.title": "Votre nouvelle application est active",
  "recovery.replaced.text":
    "L’ancienne entrée de l’application et vos anciens codes de secours ne fonctionnent plus. Supprimez l’ancienne entrée. Sur les autres navigateurs, nous demanderons un code.",
  "recovery.regenerated.title": "Voici vos nouveaux codes de secours",
  "recovery.regenerated.text": "Les anciens ne fonctionnent plus.",
  "recovery.last-used.title": "Vous êtes connecté avec votre dernier code de secours",
  "recovery.last-used.text": "En voici de nouveaux, pour que vous puissiez encore vous connecter sans votre téléphone.",
  "recovery.lead": "Si vous perdez votre téléphone, chacun de ces codes vous permet de vous connecter une fois.",
  "recovery.once": "Ils ne seront plus affichés.",
  "recovery.again":
    "Ils ne seront plus affichés une fois que vous aurez appuyé sur le bouton ci-dessous, ou dans {duration}.",
  "recovery.held": "Avez-vous enregistré vos nouveaux codes de secours\u00a0?",
  "recovery.held.link": "Les afficher encore une fois",
  "recovery.keep":
    "Enregistrez-les dans un gestionnaire de mots de passe, ou imprimez cette page et rangez-la en lieu sûr.",
  "recovery.save": "Enregistrer dans un fichier",
  "recovery.copy": "Copier",
  "recovery.copied": "Copiés.",
  "recovery.printButton": "Imprimer",
  "recovery.list": "Codes de secours",
  "recovery.print": "Codes de secours pour {issuer}",
  "recovery.done": "J’ai enregistré mes codes",

  "locked.title": "Trop de codes incorrects",
  "locked.until":
    "Pour protéger votre compte, nous n’acceptons plus de code pour le moment. Vous pourrez réessayer {when} ({time}).",
  "locked.soon":
    "Pour protéger votre compte, nous n’acceptons plus de code pour le moment. Vous pourrez réessayer {when}.",
  "locked.over": "Vous pouvez réessayer.",
  "locked.setup":
    "Rien n’a changé pour votre compte. Vérifiez que vous regardez l’entrée que vous venez d’ajouter à l’application, puis continuez avec le code qu’elle affiche.",
  "locked.setup.link": "Revenir à la configuration",
  "locked.forever": "Pour protéger votre compte, nous n’acceptons plus de code. Demandez à {issuer} de le débloquer.",
  "locked.help.title": "Ce que vous pouvez faire",
  "locked.help.wait": "Attendez, puis saisissez le code affiché par votre application.",
  "locked.help.recovery": "Un code de secours fonctionne aussi maintenant\u00a0: il est trop long pour être deviné.",
  "locked.help.unlock":
    "Vous avez votre application\u00a0? Trois de ses codes, à une minute d’intervalle, déverrouillent votre compte.",
  "locked.unlock.link": "Déverrouiller avec trois codes",
  "locked.help.reset":
    "Application perdue\u00a0? Contactez {issuer}, qui peut réinitialiser votre double authentification.",
  "locked.help.notYou":
    "Ce n’était pas vous\u00a0? Quelqu’un connaît donc votre mot de passe. Changez-le et prévenez {issuer}.",
  "locked.retry": "Réessayer",

  "confirm.prove": "Pour confirmer, saisissez un code.",
  "confirm.disable.title": "Désactiver la double authentification\u00a0?",
  "confirm.disable.text":
    "Votre mot de passe suffira alors pour vous connecter. Votre application, vos codes de secours et vos navigateurs mémorisés seront supprimés.",
  "confirm.disable.required":
    "Elle est obligatoire pour votre compte\u00a0: nous vous demanderons de la configurer à nouveau.",
  "confirm.disable.button": "Désactiver",
  "confirm.disable.cancel": "Laisser activée",
  "confirm.regenerate.title": "Obtenir de nouveaux codes de secours\u00a0?",
  "confirm.regenerate.text": "Les anciens ne fonctionneront plus. Nous montrons les nouveaux une seule fois.",
  "confirm.regenerate.button": "Obtenir de nouveaux codes",
  "confirm.replace.title": "Changer d’application d’authentification\u00a0?",
  "confirm.replace.text":
    "Vous en configurez une nouvelle maintenant. L’ancienne fonctionne jusqu’à la confirmation de la nouvelle\u00a0; ensuite, les anciens codes de secours ne fonctionneront plus non plus, et nous demanderons un code sur tous les autres navigateurs.",
  "confirm.replace.button": "Configurer la nouvelle",
  "confirm.forget.title": "Oublier ce navigateur\u00a0?",
  "confirm.forget.text": "Il faudra de nouveau un code pour s’y connecter.",
  "confirm.forget.button": "L’oublier",
  "confirm.forgetAll.title": "Oublier tous les navigateurs\u00a0?",
  "confirm.forgetAll.text":
    "Nous demanderons un code sur tous les autres navigateurs, même là où votre session est ouverte.",
  "confirm.forgetAll.button": "Tout oublier",

  "account.title": "Double authentification",
  "account.state.off": "Désactivée",
  "account.state.settingUp": "À terminer",
  "account.state.on": "Activée",
  "account.off.lead":
    "Protégez votre compte par une seconde étape\u00a0: après votre mot de passe, un code affiché sur votre téléphone.",
  "account.off.required": "La double authentification est obligatoire pour votre compte.",
  "account.off.requiredFrom":
    "La double authentification sera obligatoire pour votre compte à partir du {time}. D’ici là, rien ne presse.",
  "account.off.closed": "Votre compte n’en a pas besoin, et elle ne peut pas être activée ici.",
  "account.off.button": "Activer",
  "account.settingUp.lead":
    "Vous avez commencé à configurer une application. Rien ne change tant que vous ne l’avez pas confirmée par un code.",
  "account.settingUp.button": "Continuer",
  "account.settingUp.restart": "Recommencer",
  "account.on.lead": "Votre compte est protégé par la double authentification.",
  "account.sent.lead": "Nous vous envoyons un code quand vous vous connectez.",
  "account.sent.button": "Utiliser plutôt une application d’authentification",
  "account.lock.unknown-browsers.until":
    "Trop de codes incorrects ont été saisis dans un navigateur que nous ne connaissons pas. Jusqu’au {time}, nous n’acceptons aucun code de tels navigateurs. Ce n’était pas vous\u00a0? Alors changez votre mot de passe.",
  "account.lock.unknown-browsers.forever":
    "Trop de codes incorrects ont été saisis dans un navigateur que nous ne connaissons pas. Nous n’acceptons aucun code de tels navigateurs jusqu’à ce que {issuer} déverrouille votre compte, ou vous-même avec trois codes. Ce n’était pas vous\u00a0? Alors changez votre mot de passe.",
  "account.lock.known-browser.until":
    "Trop de codes incorrects ont été saisis dans l’un de vos propres navigateurs. Jusqu’au {time}, nous n’en acceptons aucun code.",
  "account.lock.known-browser.forever":
    "Trop de codes incorrects ont été saisis dans l’un de vos propres navigateurs. Nous n’en acceptons aucun code jusqu’à ce que {issuer} déverrouille votre compte.",
  "account.on.since": "Depuis le {time}.",
  "account.acr": "Votre fournisseur d’identité a confirmé un second facteur le {time}.",
  "account.acr.level": "Niveau\u00a0: {acr}",
  "account.byRecoveryCode":
    "Vous venez de vous connecter avec un code de secours. Vous avez perdu votre téléphone\u00a0?",
  "account.byRecoveryCode.link": "Configurer une nouvelle application",
  "account.methods.title": "Comment vous confirmez votre connexion",
  "account.methods.totp": "Codes de votre application d’authentification",
  "account.methods.direct-code": "Codes que nous vous envoyons",
  "account.replace.button": "Changer d’application",
  "account.replace.advised":
    "Vos codes restent valables, mais la clé qui les produit est plus courte que celles d’aujourd’hui. Changez d’application dès que vous avez une minute.",
  "account.codes.title": "Codes de secours",
  "account.codes.left.one": "Il vous reste {count} code.",
  "account.codes.left.other": "Il vous reste {count} codes.",
  "account.codes.none": "Il ne vous en reste aucun.",
  "account.codes.low": "Demandez-en de nouveaux avant d’en avoir besoin.",
  "account.codes.button": "Obtenir de nouveaux codes",
  "account.browsers.title": "Navigateurs mémorisés",
  "account.browsers.lead": "Sur ceux-ci, nous ne demandons pas de code.",
  "account.browsers.none": "Aucun. Nous demandons un code à chaque connexion.",
  "account.browsers.current": "ce navigateur",
  "account.browsers.unnamed": "Navigateur inconnu",
  "account.browsers.dates": "Mémorisé le {remembered}, jusqu’au {until}, dernière utilisation le {used}",
  "account.browsers.forget": "Oublier",
  "account.browsers.forget.label": "Oublier {name}",
  "account.browsers.forgetAll": "Oublier tous les navigateurs",
  "account.activity.title": "Activité récente",
  "account.activity.none": "Rien pour l’instant.",
  "account.activity.browser": "{browser} ({ip})",
  "account.off.title": "Désactiver",
  "account.disable.lead": "Votre mot de passe suffira alors pour vous connecter.",
  "account.disable.link": "Désactiver la double authentification",
  "account.back": "Retour à {issuer}",
  "account.notice.disabled": "La double authentification a été désactivée.",
  "account.notice.browser-forgotten": "Le navigateur a été oublié.",
  "account.notice.browsers-forgotten": "Tous les navigateurs ont été oubliés.",

  "account.recovery":
    "Quelqu’un a demandé une nouvelle deuxième étape avec votre mot de passe ({time}). Si ce n’est pas vous, changez votre mot de passe et arrêtez-la avec le lien de notre e-mail.",

  "verify.title.keys": "Confirmez que c’est vous",
  "confirm.prove.keys": "Pour confirmer, utilisez votre clé ou saisissez un code.",
  "keys.title": "Clés de sécurité et clés d’accès",
  "keys.lead":
    "Une petite clé que vous touchez, ou cet appareil avec votre doigt, votre visage ou un code PIN. Une fausse page ne peut pas s’en servir.",
  "keys.none": "Vous n’en avez pas encore.",
  "keys.name.label": "Nom",
  "keys.name.hint": "Pour la reconnaître, par exemple «\u00a0clé bleue\u00a0» ou «\u00a0cet ordinateur\u00a0».",
  "keys.add": "Ajouter une clé de sécurité ou d’accès",
  "keys.limit": "Vous en avez autant que possible. Retirez-en une pour en ajouter une autre.",
  "keys.required": "Votre compte exige une clé de sécurité ou d’accès\u00a0: un code seul ne l’ouvre pas.",
  "keys.needsProof": "Avant d’en ajouter une, nous vous demandons de confirmer que c’est vous.",
  "keys.synced": "synchronisée",
  "keys.device": "cet appareil seulement",
  "keys.dates": "Ajoutée le {added}, utilisée le {used}",
  "keys.unused": "Ajoutée le {added}, pas utilisée depuis",
  "keys.rename": "Renommer",
  "keys.rename.label": "Nouveau nom de {name}",
  "keys.save": "Enregistrer",
  "keys.remove": "Retirer",
  "keys.remove.label": "Retirer {name}",
  "keys.use": "Utiliser votre clé de sécurité ou d’accès",
  "keys.or": "Ou saisissez un code\u00a0:",
  "keys.orKey": "Ou, à la place d’un code\u00a0:",
  "keys.noScript":
    "Une clé de sécurité ne peut servir ici qu’avec JavaScript, dans un navigateur qui la connaît, et pas à l’intérieur d’un autre site.",
  "keys.cancelled": "Rien n’a été envoyé. Vous pouvez réessayer, ou choisir un autre moyen.",
  "keys.known": "Cette clé est déjà enregistrée.",
  "keys.failed": "Cela n’a pas fonctionné dans ce navigateur. Réessayez, ou choisissez un autre moyen.",
  "keys.waiting": "Touchez votre clé, ou suivez ce que demande votre appareil.",
  "keys.unnamed": "Clé de sécurité",
  "setup.title.choice": "Configurez votre deuxième étape",
  "setup.keys.title": "Avec une clé de sécurité ou d’accès",
  "setup.keys.text":
    "Une petite clé que vous touchez, ou cet appareil avec votre doigt, votre visage ou un code PIN. C’est le plus sûr\u00a0: une fausse page ne peut pas s’en servir.",
  "setup.appToo.title": "Ou avec une application d’authentification",
  "setup.appToo.text":
    "Une application sur votre téléphone affiche un nouveau code toutes les trente secondes, et vous le saisissez.",
  "confirm.remove-key.title": "Retirer cette clé\u00a0?",
  "confirm.remove-key.text":
    "Elle n’ouvrira plus votre compte, et nous demanderons une preuve sur tous les autres navigateurs.",
  "confirm.remove-key.button": "La retirer",
  "account.app.add": "Ajouter une application d’authentification",
  "account.methods.security-key": "Clés de sécurité et clés d’accès",
  "account.notice.key-added": "La clé a été ajoutée. Vous pourrez l’utiliser dès votre prochaine connexion.",
  "account.notice.key-renamed": "La clé a été renommée.",
  "account.notice.key-removed": "La clé a été retirée. Vous pouvez aussi la supprimer sur votre appareil.",
  "account.notice.app-added": "L’application d’authentification a été ajoutée.",
  "event.key-added": "Clé de sécurité ajoutée",
  "event.key-renamed": "Clé de sécurité renommée",
  "event.key-removed": "Clé de sécurité retirée",
  "event.key-suspicious": "Clé de sécurité refusée, peut-être copiée",
  "action.keys": "Ajouter une clé de sécurité",
  "problem.KEY_REFUSED.title": "Cette clé n’a pas été acceptée",
  "problem.KEY_REFUSED.detail": "Rien n’a été compté. Utilisez une clé que vous avez ajoutée ici, ou un autre moyen.",
  "problem.KEY_CHALLENGE_EXPIRED.title": "Cela a pris trop de temps",
  "problem.KEY_CHALLENGE_EXPIRED.detail": "Rien n’a été compté. Veuillez utiliser votre clé encore une fois.",
  "problem.KEY_LIMIT.title": "Vous avez autant de clés que possible",
  "problem.KEY_LIMIT.detail": "Retirez-en une dont vous n’avez pas besoin, puis ajoutez la nouvelle.",
  "problem.LAST_FACTOR.title": "C’est votre seul deuxième facteur",
  "problem.LAST_FACTOR.detail": "Votre compte en exige un. Ajoutez-en un autre avant de le retirer.",
  "problem.KEY_REQUIRED.title": "Il faut une clé de sécurité ou d’accès",
  "problem.KEY_REQUIRED.detail": "Un code ne suffit pas. Veuillez utiliser votre clé, ou en ajouter une.",
  "problem.keyDetail.verification": "Cette clé n’a pas vérifié qui la tient. Définissez-y un code PIN, puis réessayez.",
  "problem.keyDetail.known": "Cette clé est déjà enregistrée.",
  "problem.keyDetail.counter":
    "Il semble exister une copie de cette clé. Choisissez un autre moyen, et retirez-la dans vos paramètres de double authentification.",

  "event.enabled": "Double authentification activée",
  "event.disabled": "Double authentification désactivée",
  "event.replaced": "Application d’authentification changée",
  "event.reset": "Double authentification réinitialisée par un administrateur",
  "event.challenge-passed": "Code accepté",
  "event.challenge-failed": "Code incorrect",
  "event.code-reused": "Code déjà utilisé, refusé",
  "event.locked": "Blocage après trop de codes incorrects",
  "event.password-suspected": "Quelqu’un semble connaître le mot de passe",
  "event.recovery-requested": "Nouvelle deuxième étape demandée",
  "event.recovery-confirmed": "Attente pour une nouvelle deuxième étape commencée",
  "event.recovery-half-way": "Moitié de l’attente écoulée",
  "event.recovery-ready": "Une nouvelle deuxième étape peut être configurée",
  "event.recovery-cancelled": "Nouvelle deuxième étape arrêtée",
  "event.recovery-finished": "Nouvelle deuxième étape configurée après une récupération",
  "event.unlocked": "Déblocage par un administrateur",
  "event.recovery-code-used": "Code de secours utilisé",
  "event.recovery-codes-low": "Il reste peu de codes de secours",
  "event.recovery-codes-regenerated": "Nouveaux codes de secours",
  "event.factor-added": "Autre second facteur ajouté",
  "event.factor-adopted": "Application d’authentification reprise d’avant",
  "event.factor-removed": "Second facteur retiré",
  "event.browser-remembered": "Navigateur mémorisé",
  "event.browser-used": "Connexion sans code, depuis un navigateur mémorisé",
  "event.browser-forgotten": "Navigateur oublié",
  "event.browsers-forgotten": "Tous les navigateurs oubliés",
  "event.code-sent": "Code envoyé",
  "event.code-sending-limited": "Codes demandés à répétition, envois espacés",
  "event.code-delivery-failed": "Un code n’a pas pu être envoyé",
  "event.setup-failed": "Code incorrect pendant la configuration",
  "event.logged-out": "Déconnexion",
  "event.login-expired": "Connexion non terminée à temps",
  "event.erased": "Données effacées",
  "event.record-missing": "Données de double authentification introuvables",
  "event.unknown": "Autre activité",

  "action.verify": "Saisir votre code",
  "action.setup": "Configurer la double authentification",
  "action.login": "Se connecter",
  "action.account": "Paramètres de double authentification",
  "action.home": "Retour à {issuer}",

  "problem.attemptsRemaining.one": "Il vous reste {count} essai avant un blocage.",
  "problem.attemptsRemaining.other": "Il vous reste {count} essais avant un blocage.",
  "problem.reason.delivery.title": "Le code n’a pas pu être envoyé",
  "problem.reason.delivery.detail":
    "Veuillez réessayer dans un instant. Si nous vous en avons déjà envoyé un, il reste valable jusqu’à son expiration.",
  "problem.reason.earlier-code.title": "L’e-mail n’a pas pu être envoyé",
  "problem.reason.earlier-code.detail":
    "Rien n’a été changé, et le code envoyé auparavant reste valable. Veuillez réessayer dans un instant.",
  "problem.reason.too-soon.title": "Il est trop tôt pour un nouveau code",
  "problem.reason.too-soon.detail":
    "Utilisez celui que nous avons envoyé, ou attendez un instant avant d’en demander un autre.",
  "problem.reason.too-often.title": "Trop de demandes en peu de temps",
  "problem.reason.too-often.detail": "Rien n’a été modifié. Patientez un instant, puis réessayez.",
  "problem.reason.malformed.title": "Cela ne ressemble pas à un code",
  "problem.reason.malformed.detail": "Veuillez vérifier et le saisir à nouveau.",
  "problem.malformed.totp": "Saisissez les {length} chiffres affichés par votre application.",
  "problem.malformed.message": "Saisissez le code du dernier message.",
  "problem.malformed.recovery": "Un code de secours compte 16 lettres et chiffres, en quatre groupes.",
  "problem.reason.reset.title": "Votre second facteur a été supprimé",
  "problem.reason.reset.detail":
    "Il a été réinitialisé ou désactivé entre-temps. Pour protéger votre compte, nous avons interrompu cette connexion. Veuillez vous connecter à nouveau.",
  "problem.reason.code-sent.title": "Nous vous avons envoyé un code",
  "problem.reason.code-sent.detail": "Saisissez-le d’abord\u00a0; vous pourrez ensuite configurer.",
  "problem.reason.recent.title": "Confirmez que c’est bien vous",
  "problem.reason.recent.detail":
    "Cette action demande une nouvelle vérification, même si votre session est déjà ouverte.",
  "problem.VALIDATION_ERROR.title": "Il manque quelque chose, ou une saisie est incorrecte",
  "problem.VALIDATION_ERROR.detail": "Veuillez vérifier votre saisie et l’envoyer à nouveau.",
  "problem.UNAUTHORIZED.title": "Connexion nécessaire",
  "problem.UNAUTHORIZED.detail": "Veuillez d’abord vous connecter.",
  "problem.LOGIN_SESSION_EXPIRED.title": "Votre connexion a expiré",
  "problem.LOGIN_SESSION_EXPIRED.detail":
    "Pour protéger votre compte, nous avons interrompu cette connexion. Veuillez vous connecter à nouveau.",
  "problem.TWO_FACTOR_REQUIRED.title": "Un code est nécessaire",
  "problem.TWO_FACTOR_REQUIRED.detail":
    "Saisissez d’abord votre code, puis poursuivez. Ce que vous venez d’envoyer n’a pas été pris en compte.",
  "problem.TWO_FACTOR_SETUP_REQUIRED.title": "La double authentification est nécessaire",
  "problem.TWO_FACTOR_SETUP_REQUIRED.detail":
    "Elle est obligatoire pour votre compte. Configurez-la d’abord, puis poursuivez.",
  "problem.CROSS_SITE_REQUEST.title": "Cette demande vient d’un autre site",
  "problem.CROSS_SITE_REQUEST.detail":
    "Pour vous protéger, nous ne l’avons pas traitée. Recommencez depuis une page de {issuer}.",
  "problem.INSUFFICIENT_ACR.title": "Votre fournisseur d’identité n’a pas demandé de second facteur",
  "problem.INSUFFICIENT_ACR.detail":
    "Vous ne pouvez pas accéder au service sans avoir une double authentification installée. Veuillez installer une application d'authentification et vous connecter à nouveau.",
  "problem.SETUP_NOT_OFFERED.title": "La double authentification n’est pas proposée ici",
  "problem.SETUP_NOT_OFFERED.detail": "Votre compte n’en a pas besoin\u00a0: il n’y a rien à configurer.",
  "problem.DISABLE_NOT_OFFERED.title": "La double authentification reste active",
  "problem.DISABLE_NOT_OFFERED.detail":
    "Pour votre compte, elle ne peut pas être désactivée ici. Si vous avez un nouveau téléphone, changez plutôt d’application d’authentification.",
  "problem.ENROLMENT_CODE_REQUIRED.title": "Un code d’inscription est nécessaire",
  "problem.ENROLMENT_CODE_REQUIRED.detail":
    "Votre double authentification a été réinitialisée avec un code. Saisissez-le d’abord\u00a0; vous pourrez ensuite la configurer.",
  "problem.NOT_FOUND.title": "Cette page n’existe pas",
  "problem.NOT_FOUND.detail": "Veuillez vérifier l’adresse.",
  "problem.METHOD_NOT_ALLOWED.title": "Cela n’est pas possible ici",
  "problem.METHOD_NOT_ALLOWED.detail": "Veuillez revenir en arrière et utiliser les boutons de la page.",
  "problem.CODE_ALREADY_USED.title": "Ce code a déjà été utilisé",
  "problem.CODE_ALREADY_USED.detail":
    "Chaque code sert une seule fois. Attendez le suivant\u00a0; cet essai ne compte pas comme une erreur.",
  "problem.used.totp":
    "Chaque code sert une seule fois. Attendez le suivant\u00a0; cet essai ne compte pas comme une erreur.",
  "problem.used.message":
    "Chaque code sert une seule fois. Demandez-en un nouveau\u00a0; cet essai ne compte pas comme une erreur.",
  "problem.used.recovery":
    "Chaque code de secours sert une seule fois. Utilisez-en un autre\u00a0; cet essai ne compte pas comme une erreur.",
  "problem.TOTP_ALREADY_ENABLED.title": "Une application d’authentification est déjà configurée",
  "problem.TOTP_ALREADY_ENABLED.detail":
    "Pour en utiliser une autre, choisissez «\u00a0Changer d’application\u00a0» dans vos paramètres de double authentification.",
  "problem.2FA_NOT_ENABLED.title": "La double authentification n’est pas activée",
  "problem.2FA_NOT_ENABLED.detail": "Il n’y a rien à modifier. Vous pouvez la configurer.",
  "problem.CONFLICT.title": "Quelque chose a changé entre-temps",
  "problem.CONFLICT.detail": "Peut-être dans une autre fenêtre. Veuillez vérifier l’état actuel et réessayer.",
  "problem.SETUP_SESSION_EXPIRED.title": "Ce QR code a expiré",
  "problem.SETUP_SESSION_EXPIRED.detail":
    "Dans votre application, supprimez l’entrée que vous venez d’ajouter, puis scannez le nouveau QR code.",
  "problem.UNSUPPORTED_MEDIA_TYPE.title": "Nous ne pouvons pas lire cette demande",
  "problem.UNSUPPORTED_MEDIA_TYPE.detail": "Veuillez l’envoyer comme formulaire ou en JSON.",
  "problem.INVALID_2FA_CODE.title": "Ce code est incorrect",
  "problem.INVALID_2FA_CODE.detail": "Vérifiez-le, ou utilisez le suivant.",
  "problem.wrong.totp":
    "Vérifiez l’entrée {issuer} de votre application, ou attendez le code suivant. Toujours incorrect\u00a0? Réglez l’horloge du téléphone sur automatique.",
  "problem.wrong.message": "Vérifiez-le, ou demandez-en un nouveau.",
  "problem.wrong.recovery": "Vérifiez-le, ou utilisez-en un autre\u00a0: chacun ne sert qu’une fois.",
  "problem.clock.slow":
    "Il serait correct à une heure passée\u00a0: l’horloge de votre téléphone retarde d’environ {duration}. Réglez-la sur automatique, puis saisissez un nouveau code.",
  "problem.clock.fast":
    "Il serait correct à une heure à venir\u00a0: l’horloge de votre téléphone avance d’environ {duration}. Réglez-la sur automatique, puis saisissez un nouveau code.",
  "problem.RECOVERY_NOT_OFFERED.title": "Cela n’est pas proposé ici",
  "problem.RECOVERY_NOT_OFFERED.detail":
    "Votre compte ne peut pas être récupéré par e-mail. Si vous ne pouvez pas vous connecter, demandez de l’aide à {issuer}.",
  "problem.RECOVERY_LINK_UNKNOWN.title": "Ce lien n’est pas complet",
  "problem.RECOVERY_LINK_UNKNOWN.detail":
    "Rien n’a été changé. Ouvrez de nouveau le lien de notre e-mail, ou copiez-le en entier.",
  "problem.RECOVERY_UNDER_WAY.title": "Une récupération est déjà en cours",
  "problem.RECOVERY_UNDER_WAY.detail": "Rien n’a été changé. Vous voyez ici où elle en est.",
  "problem.RECOVERY_TOO_EARLY.title": "C’est trop tôt",
  "problem.RECOVERY_TOO_EARLY.detail": "La configuration ne s’ouvre qu’après l’attente. Nous vous écrirons.",
  "problem.RECOVERY_OVER.title": "Aucune récupération n’est en cours",
  "problem.RECOVERY_OVER.detail":
    "Elle n’a pas commencé, a été arrêtée ou achevée, ou son délai est passé. Rien n’a été changé.",
  "problem.MAIL_NOT_SENT.title": "L’e-mail n’a pas pu être envoyé",
  "problem.MAIL_NOT_SENT.detail":
    "Rien n’a été changé. Si un e-mail arrive malgré tout, il n’est pas valable. Veuillez réessayer dans un instant.",
  "problem.INVALID_MAILED_CODE.title": "Ce code est incorrect",
  "problem.INVALID_MAILED_CODE.detail":
    "Vérifiez-le dans le dernier e-mail. Chaque code fonctionne une fois, pendant 24 heures.",
  "problem.RECOVERY_CLOSED.title": "Pas de nouveau si tôt",
  "problem.RECOVERY_CLOSED.detail":
    "Il faut douze heures entre deux demandes, et trente jours après trois demandes arrêtées. D’ici là, demandez de l’aide à {issuer}.",
  "problem.INVALID_ENROLMENT_CODE.title": "Ce code d’inscription n’est pas valable",
  "problem.INVALID_ENROLMENT_CODE.detail":
    "Vérifiez-le. Il a peut-être déjà été utilisé, ou ses 24 heures sont passées\u00a0: demandez-en alors un nouveau.",
  "problem.TOO_MANY_ATTEMPTS.title": "Trop de codes incorrects",
  "problem.TOO_MANY_ATTEMPTS.detail":
    "Pour protéger votre compte, nous n’acceptons plus de code pour le moment. Veuillez réessayer plus tard.",
  "problem.MISCONFIGURED.title": "Un problème est survenu de notre côté",
  "problem.MISCONFIGURED.detail":
    "Vous n’y êtes pour rien. Veuillez réessayer plus tard, ou nous prévenir si cela se répète.",
  "problem.STORE_UNAVAILABLE.title": "Nous ne pouvons pas vérifier les codes en ce moment",
  "problem.STORE_UNAVAILABLE.detail":
    "Vous n’y êtes pour rien, et cet essai n’est pas compté. Veuillez réessayer dans un instant.",
};
