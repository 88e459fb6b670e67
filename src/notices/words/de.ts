import type { NoticeWords } from "./words";

/** German, in the formal “Sie”. */
export const de: NoticeWords<"one" | "other"> = {
  greeting: "Guten Tag,",
  letters: {
    enabled: {
      subject: "Zwei-Faktor-Anmeldung eingeschaltet",
      happened:
        "Für Ihr Konto bei {issuer} wurde die Zwei-Faktor-Anmeldung eingeschaltet. Ab jetzt folgt beim Anmelden auf das Passwort ein zweiter Schritt.",
      next: "Bewahren Sie Ihre Wiederherstellungscodes so auf, dass Sie sie auch ohne Ihr Telefon finden.",
    },
    replaced: {
      subject: "Authenticator-App gewechselt",
      happened:
        "Für Ihr Konto bei {issuer} wurde eine neue Authenticator-App eingerichtet. Codes aus der bisherigen gelten nicht mehr.",
      next: "In allen anderen Browsern wird nach einem Code aus der neuen App gefragt.",
    },
    disabled: {
      subject: "Zwei-Faktor-Anmeldung ausgeschaltet",
      happened:
        "Für Ihr Konto bei {issuer} wurde die Zwei-Faktor-Anmeldung ausgeschaltet. Zum Anmelden genügt jetzt das Passwort.",
      next: "In Ihren Zwei-Faktor-Einstellungen können Sie sie wieder einschalten.",
    },
    reset: {
      subject: "Zwei-Faktor-Anmeldung zurückgesetzt",
      happened:
        "Die Verwaltung von {issuer} hat Ihre Zwei-Faktor-Anmeldung zurückgesetzt. Ihre Authenticator-App, Ihre Wiederherstellungscodes und alle gemerkten Browser gelten nicht mehr.",
      next: "Melden Sie sich bald an und richten Sie sie neu ein: Bis dahin schützt allein Ihr Passwort Ihr Konto.",
    },
    "factor-added": {
      subject: "Ein zweiter Faktor kam hinzu",
      happened:
        "Die Verwaltung von {issuer} hat Ihrem Konto einen zweiten Faktor hinzugefügt, zum Beispiel ein Hardware-Token.",
      next: "Ab jetzt können Sie bei der Anmeldung danach gefragt werden.",
    },
    "factor-removed": {
      subject: "Ein zweiter Faktor wurde entfernt",
      happened:
        "Die Verwaltung von {issuer} hat einen zweiten Faktor von Ihrem Konto entfernt. Er öffnet es nicht mehr.",
      next: "Wenn Ihnen keiner mehr bleibt, melden Sie sich bald an und richten Sie einen ein.",
    },
    "recovery-codes-regenerated": {
      subject: "Neue Wiederherstellungscodes",
      happened: "Für Ihr Konto bei {issuer} wurden neue Wiederherstellungscodes erstellt. Die alten gelten nicht mehr.",
      next: "Werfen Sie die alte Liste weg, und bewahren Sie die neue an einem sicheren Ort auf.",
    },
    "recovery-code-used": {
      subject: "Ein Wiederherstellungscode wurde benutzt",
      happened: "Einer Ihrer Wiederherstellungscodes für {issuer} wurde benutzt. Er gilt kein zweites Mal.",
      next: {
        none: "Es war Ihr letzter. Erstellen Sie in Ihren Zwei-Faktor-Einstellungen neue, bevor Sie sie brauchen.",
        one: "Es ist noch {remaining} übrig. Haben Sie Ihr Telefon verloren? Richten Sie eine neue Authenticator-App ein.",
        other:
          "Es sind noch {remaining} übrig. Haben Sie Ihr Telefon verloren? Richten Sie eine neue Authenticator-App ein.",
      },
    },
    "recovery-codes-low": {
      subject: "Ihre Wiederherstellungscodes gehen zur Neige",
      happened: {
        none: "Sie haben keine Wiederherstellungscodes für {issuer} mehr.",
        one: "Sie haben nur noch {remaining} Wiederherstellungscode für {issuer}.",
        other: "Sie haben nur noch {remaining} Wiederherstellungscodes für {issuer}.",
      },
      next: "Erstellen Sie in Ihren Zwei-Faktor-Einstellungen neue, damit Sie auch ohne Ihr Telefon hineinkommen.",
    },
    locked: {
      subject: "Zu viele falsche Codes",
      happened:
        "Für Ihr Konto bei {issuer} wurden falsche Codes eingegeben. Deshalb werden bis zum {until} keine Codes angenommen.",
      next: "Waren Sie das selbst, warten Sie bis dahin, und versuchen Sie es noch einmal. Wo Sie schon angemeldet sind, ändert sich nichts.",
    },
    "locked-for-good": {
      subject: "Zu viele falsche Codes",
      happened:
        "Für Ihr Konto bei {issuer} wurden falsche Codes eingegeben. Deshalb werden keine Codes mehr angenommen, bis die Verwaltung Ihr Konto entsperrt.",
      next: "Bitten Sie darum, Ihr Konto zu entsperren. Wo Sie schon angemeldet sind, ändert sich nichts.",
    },
    unlocked: {
      subject: "Ihr Konto ist entsperrt",
      happened: "Ihr Konto bei {issuer} war nach falschen Codes gesperrt. Jetzt ist es wieder entsperrt.",
      next: "Sie können sich wie gewohnt anmelden.",
    },
    "password-suspected": {
      subject: "Jemand kennt vielleicht Ihr Passwort",
      happened:
        "Jemand, der Ihr Passwort hat, hat in einem unbekannten Browser versucht, in Ihr Konto bei {issuer} zu kommen, und falsche Codes eingegeben.",
      next: "Der zweite Schritt hat das verhindert: Hineingekommen ist niemand.",
    },
    "code-sending-limited": {
      subject: "Immer wieder werden Codes angefordert",
      happened:
        "Ihnen wurden viele Anmeldecodes für {issuer} geschickt, und keiner wurde benutzt. Wir schicken sie deshalb vorerst seltener.",
      next: "Wenn Sie einen brauchen: Nehmen Sie den neuesten, den wir geschickt haben.",
    },
    "browser-remembered": {
      subject: "Ein Browser wurde gemerkt",
      happened:
        "Nach einer Anmeldung an Ihrem Konto bei {issuer} wurde der Browser gemerkt. Er wird eine Zeit lang nicht nach einem Code gefragt.",
      next: "In Ihren Zwei-Faktor-Einstellungen sehen Sie alle gemerkten Browser und können sie vergessen lassen.",
    },
    "key-added": {
      subject: "Sicherheitsschlüssel hinzugefügt",
      happened:
        "Zu Ihrem Konto bei {issuer} wurde ein Sicherheitsschlüssel oder Passkey hinzugefügt. Er kann ab jetzt als zweiter Schritt dienen.",
      next: "Bewahren Sie trotzdem Ihre Wiederherstellungscodes auf, falls Sie ihn verlieren.",
    },
    "key-removed": {
      subject: "Sicherheitsschlüssel entfernt",
      happened:
        "Aus Ihrem Konto bei {issuer} wurde ein Sicherheitsschlüssel oder Passkey entfernt. Er gilt nicht mehr zum Anmelden.",
      next: "In Ihren Zwei-Faktor-Einstellungen sehen Sie, welche noch da sind.",
    },
    "key-suspicious": {
      subject: "Ein Sicherheitsschlüssel wurde abgelehnt",
      happened:
        "Beim Anmelden bei {issuer} wurde einer Ihrer Sicherheitsschlüssel abgelehnt, weil er aussah wie eine Kopie.",
      next: "Melden Sie sich auf einem anderen Weg an, und entfernen Sie diesen Schlüssel in Ihren Zwei-Faktor-Einstellungen. Dort können Sie auch einen anderen hinzufügen.",
    },
    "recovery-requested": {
      subject: "Jemand möchte Ihr Konto wiederherstellen",
      happened:
        "Jemand hat sich bei {issuer} mit Ihrem Passwort angemeldet, angegeben, den zweiten Schritt nicht mehr ausführen zu können, und möchte einen neuen einrichten.",
      next: "Noch hat sich nichts geändert: Dazu braucht es den Code unten, innerhalb von 24 Stunden eingegeben auf der Seite, die danach fragt, und danach eine Wartezeit.",
    },
    "recovery-confirmed": {
      subject: "Die Wiederherstellung Ihres Kontos hat begonnen",
      happened:
        "Die Wiederherstellung Ihres Kontos bei {issuer} wurde mit dem Code aus unserer Mail bestätigt. Ab dem {readyAt} kann ein neuer zweiter Schritt eingerichtet werden.",
      next: "Bis dahin bleibt alles, wie es ist, und Sie können sie jederzeit stoppen.",
    },
    "recovery-half-way": {
      subject: "Die halbe Wartezeit ist um",
      happened:
        "Die halbe Wartezeit für die Wiederherstellung Ihres Kontos bei {issuer} ist um. Ab dem {readyAt} kann ein neuer zweiter Schritt eingerichtet werden.",
      next: "Bis dahin bleibt alles, wie es ist, und Sie können sie jederzeit stoppen.",
    },
    "recovery-ready": {
      subject: "Sie können jetzt einen neuen zweiten Schritt einrichten",
      happened:
        "Die Wartezeit für die Wiederherstellung Ihres Kontos bei {issuer} ist um. Jetzt kann ein neuer zweiter Schritt eingerichtet werden.",
      next: "Melden Sie sich mit Ihrem Passwort an; dann schicken wir Ihnen dafür einen neuen Code. Was bisher galt, gilt, bis der neue bestätigt ist.",
    },
    "recovery-code": {
      subject: "Ein Code für Ihren neuen zweiten Schritt",
      happened:
        "Die Wartezeit für die Wiederherstellung Ihres Kontos bei {issuer} ist um, und jemand mit Ihrem Passwort möchte jetzt einen neuen zweiten Schritt einrichten.",
      next: "Dazu braucht es den Code unten, eingegeben auf der Seite, die danach fragt. Er gilt einmal, 24 Stunden lang.",
    },
    "recovery-cancelled": {
      subject: "Die Wiederherstellung Ihres Kontos wurde gestoppt",
      happened:
        "Die Wiederherstellung Ihres Kontos bei {issuer} wurde gestoppt. Ihr zweiter Schritt bleibt, wie er war.",
      next: "Wenn Sie sich immer noch nicht anmelden können, bitten Sie {issuer} um Hilfe.",
    },
    "recovery-finished": {
      subject: "Ihr Konto wurde wiederhergestellt",
      happened:
        "Nach einer Wiederherstellung wurde für Ihr Konto bei {issuer} ein neuer zweiter Schritt eingerichtet. Der alte gilt nicht mehr, und überall sonst wurde das Konto abgemeldet.",
      next: "Bewahren Sie Ihre neuen Wiederherstellungscodes so auf, dass Sie sie auch ohne Ihr Telefon finden.",
    },
  },
  ifNotYou: {
    change:
      "Waren Sie das selbst, ist nichts weiter zu tun. Wenn nicht, war jemand anders in Ihrem Konto: Ändern Sie sofort Ihr Passwort, prüfen Sie Ihre Zwei-Faktor-Einstellungen, und sagen Sie {issuer} Bescheid.",
    password:
      "Waren Sie das selbst, ist nichts weiter zu tun. Wenn nicht, kennt jemand Ihr Passwort: Ändern Sie es sofort in eines, das Sie nirgends sonst benutzen, und sagen Sie {issuer} Bescheid.",
    operator: "Haben Sie nicht darum gebeten, sagen Sie {issuer} sofort Bescheid.",
    codes:
      "Haben nicht Sie selbst die Codes benutzt, war jemand anders in Ihrem Konto: Ändern Sie sofort Ihr Passwort, und sagen Sie {issuer} Bescheid.",
    recovery:
      "Sind das nicht Sie, dann stoppen Sie es jetzt. Ändern Sie danach Ihr Passwort in eines, das Sie nirgends sonst benutzen: Wer darum gebeten hat, kennt es.",
    stopped:
      "Hatten nicht Sie selbst darum gebeten, kennt jemand Ihr Passwort: Ändern Sie es sofort in eines, das Sie nirgends sonst benutzen, und sagen Sie {issuer} Bescheid.",
  },
  details: {
    when: "Wann: {when}",
    address: "IP-Adresse: {address}",
    browser: "Browser: {browser}",
    reason: "Grund: „{reason}“",
    key: "Name des Schlüssels: „{key}“",
    code: "Code: {code}",
  },
  browserOnSystem: "{browser} unter {system}",
  dateAndTime: "{date}, {time}",
  links: {
    cancel: "Wiederherstellung stoppen: {url}",
    account: "Zwei-Faktor-Einstellungen: {url}",
    support: "{issuer} Bescheid sagen: {url}",
  },
  closing: "Wir fragen nie per Mail nach einem Code oder einem Passwort.",
};
