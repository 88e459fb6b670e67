import type { NoticeWords } from "./words";

/** Spanish, in the formal “usted”. */
export const es: NoticeWords<"one" | "other"> = {
  greeting: "Hola:",
  letters: {
    enabled: {
      subject: "Autenticación en dos pasos activada",
      happened:
        "Se ha activado la autenticación en dos pasos de su cuenta en {issuer}. A partir de ahora, al iniciar sesión hay un segundo paso después de la contraseña.",
      next: "Guarde sus códigos de recuperación donde pueda encontrarlos sin el teléfono.",
    },
    replaced: {
      subject: "Aplicación de autenticación cambiada",
      happened:
        "Se ha configurado una nueva aplicación de autenticación para su cuenta en {issuer}. Los códigos de la anterior ya no sirven.",
      next: "En todos los demás navegadores se pedirá un código de la nueva aplicación.",
    },
    disabled: {
      subject: "Autenticación en dos pasos desactivada",
      happened:
        "Se ha desactivado la autenticación en dos pasos de su cuenta en {issuer}. Ahora basta la contraseña para entrar.",
      next: "Puede volver a activarla en sus ajustes de autenticación en dos pasos.",
    },
    reset: {
      subject: "Autenticación en dos pasos restablecida",
      happened:
        "Los responsables de {issuer} han restablecido su autenticación en dos pasos. Su aplicación, sus códigos de recuperación y todos los navegadores recordados ya no sirven.",
      next: "Inicie sesión pronto y configúrela de nuevo: hasta entonces, solo la contraseña protege su cuenta.",
    },
    "factor-added": {
      subject: "Se ha añadido un segundo factor",
      happened: "Los responsables de {issuer} han añadido un segundo factor a su cuenta, por ejemplo un token físico.",
      next: "A partir de ahora, se le puede pedir al iniciar sesión.",
    },
    "factor-removed": {
      subject: "Se ha retirado un segundo factor",
      happened: "Los responsables de {issuer} han retirado un segundo factor de su cuenta. Ya no sirve para abrirla.",
      next: "Si no le queda ninguno, inicie sesión pronto y configure uno.",
    },
    "recovery-codes-regenerated": {
      subject: "Tiene nuevos códigos de recuperación",
      happened: "Se han creado nuevos códigos de recuperación para su cuenta en {issuer}. Los anteriores ya no sirven.",
      next: "Tire la lista anterior y guarde la nueva en un lugar seguro.",
    },
    "recovery-code-used": {
      subject: "Se ha usado un código de recuperación",
      happened: "Se ha usado uno de sus códigos de recuperación de {issuer}. Ya no volverá a servir.",
      next: {
        none: "Era el último. Cree otros en sus ajustes de autenticación en dos pasos antes de que le hagan falta.",
        one: "Le queda {remaining}. ¿Ha perdido su teléfono? Configure una nueva aplicación de autenticación.",
        other: "Le quedan {remaining}. ¿Ha perdido su teléfono? Configure una nueva aplicación de autenticación.",
      },
    },
    "recovery-codes-low": {
      subject: "Se le acaban los códigos de recuperación",
      happened: {
        none: "No le queda ningún código de recuperación de {issuer}.",
        one: "Solo le queda {remaining} código de recuperación de {issuer}.",
        other: "Solo le quedan {remaining} códigos de recuperación de {issuer}.",
      },
      next: "Cree otros en sus ajustes de autenticación en dos pasos, para poder entrar aunque pierda el teléfono.",
    },
    locked: {
      subject: "Demasiados códigos incorrectos",
      happened:
        "Se han introducido códigos incorrectos para su cuenta en {issuer}. Por eso no se aceptan códigos hasta el {until}.",
      next: "Si ha sido usted, espere hasta entonces y vuelva a intentarlo. Donde ya tiene la sesión iniciada, no cambia nada.",
    },
    "locked-for-good": {
      subject: "Demasiados códigos incorrectos",
      happened:
        "Se han introducido códigos incorrectos para su cuenta en {issuer}. Por eso no se aceptan códigos hasta que los responsables del sitio desbloqueen su cuenta.",
      next: "Pídales que la desbloqueen. Donde ya tiene la sesión iniciada, no cambia nada.",
    },
    unlocked: {
      subject: "Su cuenta está desbloqueada",
      happened: "Su cuenta en {issuer} estaba bloqueada por códigos incorrectos. Ahora está desbloqueada.",
      next: "Puede iniciar sesión como siempre.",
    },
    "password-suspected": {
      subject: "Puede que alguien conozca su contraseña",
      happened:
        "Alguien que tiene su contraseña ha intentado iniciar sesión en su cuenta de {issuer} desde un navegador que no conocemos, y ha introducido códigos incorrectos.",
      next: "El segundo paso lo ha impedido: nadie ha entrado.",
    },
    "code-sending-limited": {
      subject: "Se piden códigos una y otra vez",
      happened:
        "Se le han enviado muchos códigos de acceso a {issuer} y no se ha usado ninguno. De momento los enviamos con menos frecuencia.",
      next: "Si necesita uno, use el último que le enviamos.",
    },
    "browser-remembered": {
      subject: "Navegador recordado",
      happened:
        "Tras iniciar sesión en su cuenta de {issuer}, se ha recordado el navegador. Durante un tiempo no se le pedirá ningún código.",
      next: "En sus ajustes de autenticación en dos pasos verá todos los navegadores recordados y podrá hacer que se olviden.",
    },
    "key-added": {
      subject: "Llave de seguridad añadida",
      happened:
        "Se ha añadido una llave de seguridad o de acceso a su cuenta en {issuer}. Desde ahora puede servir de segundo paso.",
      next: "Guarde también sus códigos de recuperación, por si la pierde.",
    },
    "key-removed": {
      subject: "Llave de seguridad eliminada",
      happened:
        "Se ha eliminado una llave de seguridad o de acceso de su cuenta en {issuer}. Ya no sirve para iniciar sesión.",
      next: "En sus ajustes de autenticación en dos pasos verá cuáles quedan.",
    },
    "key-suspicious": {
      subject: "Se ha rechazado una llave de seguridad",
      happened:
        "Al iniciar sesión en {issuer} se ha rechazado una de sus llaves de seguridad, porque parecía una copia.",
      next: "Inicie sesión de otra manera y elimine esa llave en sus ajustes de autenticación en dos pasos. Allí puede añadir otra.",
    },
    "recovery-requested": {
      subject: "Alguien pide recuperar su cuenta",
      happened:
        "Alguien ha entrado en {issuer} con su contraseña, ha dicho que ya no puede dar el segundo paso y ha pedido configurar uno nuevo.",
      next: "Todavía no ha cambiado nada: hace falta el código de abajo, escrito antes de 24 horas en la página que lo pide, y después un tiempo de espera.",
    },
    "recovery-confirmed": {
      subject: "Ha comenzado la recuperación de su cuenta",
      happened:
        "La recuperación de su cuenta en {issuer} se ha confirmado con el código de nuestro correo. A partir del {readyAt} se podrá configurar un nuevo segundo paso.",
      next: "Hasta entonces todo sigue igual, y puede detenerla en cualquier momento.",
    },
    "recovery-half-way": {
      subject: "Ha pasado la mitad del tiempo de espera",
      happened:
        "Ha pasado la mitad del tiempo de espera para recuperar su cuenta en {issuer}. A partir del {readyAt} se podrá configurar un nuevo segundo paso.",
      next: "Hasta entonces todo sigue igual, y puede detener la recuperación en cualquier momento.",
    },
    "recovery-ready": {
      subject: "Ya puede configurar un nuevo segundo paso",
      happened:
        "Ha terminado el tiempo de espera para recuperar su cuenta en {issuer}. Ya se puede configurar un nuevo segundo paso.",
      next: "Inicie sesión con su contraseña y le enviaremos un código nuevo para ello. Lo que tenía antes sirve hasta que se confirme el nuevo.",
    },
    "recovery-code": {
      subject: "Un código para su nuevo segundo paso",
      happened:
        "Ha terminado el tiempo de espera para recuperar su cuenta en {issuer}, y alguien que tiene su contraseña quiere configurar ahora un nuevo segundo paso.",
      next: "Hace falta el código de abajo, escrito en la página que lo pide. Sirve una vez, durante 24 horas.",
    },
    "recovery-cancelled": {
      subject: "Se ha detenido la recuperación de su cuenta",
      happened: "Se ha detenido la recuperación de su cuenta en {issuer}. Su segundo paso sigue como estaba.",
      next: "Si todavía no puede iniciar sesión, pida ayuda a {issuer}.",
    },
    "recovery-finished": {
      subject: "Se ha recuperado su cuenta",
      happened:
        "Tras una recuperación, se ha configurado un nuevo segundo paso para su cuenta en {issuer}. El anterior ya no sirve, y la sesión se ha cerrado en todos los demás sitios.",
      next: "Guarde sus nuevos códigos de recuperación donde pueda encontrarlos sin el teléfono.",
    },
  },
  ifNotYou: {
    change:
      "Si ha sido usted, no tiene que hacer nada más. Si no, otra persona ha entrado en su cuenta: cambie la contraseña ahora mismo, revise sus ajustes de autenticación en dos pasos y avise a {issuer}.",
    password:
      "Si ha sido usted, no tiene que hacer nada más. Si no, alguien conoce su contraseña: cámbiela ahora mismo por una que no use en ningún otro sitio y avise a {issuer}.",
    operator: "Si no lo ha pedido usted, avise enseguida a {issuer}.",
    codes:
      "Si no los ha usado usted, otra persona ha entrado en su cuenta: cambie la contraseña ahora mismo y avise a {issuer}.",
    recovery:
      "Si no es usted, deténgala ahora. Después cambie la contraseña por una que no use en ningún otro sitio: quien lo ha pedido la conoce.",
    stopped:
      "Si no la había pedido usted, alguien conoce su contraseña: cámbiela ahora mismo por una que no use en ningún otro sitio y avise a {issuer}.",
  },
  details: {
    when: "Cuándo: {when}",
    address: "Dirección IP: {address}",
    browser: "Navegador: {browser}",
    reason: "Motivo: «{reason}»",
    key: "Nombre de la llave: «{key}»",
    code: "Código: {code}",
  },
  browserOnSystem: "{browser} en {system}",
  dateAndTime: "{date}, {time}",
  links: {
    cancel: "Detener la recuperación: {url}",
    account: "Ajustes de autenticación en dos pasos: {url}",
    support: "Avisar a {issuer}: {url}",
  },
  closing: "Nunca pedimos códigos ni contraseñas por correo.",
};
