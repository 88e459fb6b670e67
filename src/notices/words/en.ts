import type { NoticeWords } from "./words";

/** English: what a language that is not there falls back to. */
export const en: NoticeWords<"one" | "other"> = {
  greeting: "Hello,",
  letters: {
    enabled: {
      subject: "Two-factor authentication is on",
      happened:
        "Two-factor authentication was turned on for your account at {issuer}. From now on, signing in takes a second step after your password.",
      next: "Keep your recovery codes where you can find them without your phone.",
    },
    replaced: {
      subject: "Your authenticator was changed",
      happened: "A new authenticator was set up for your account at {issuer}. Codes from the old one no longer work.",
      next: "All other browsers will be asked for a code from the new one.",
    },
    disabled: {
      subject: "Two-factor authentication is off",
      happened:
        "Two-factor authentication was turned off for your account at {issuer}. Your password alone now opens it.",
      next: "You can turn it on again in your two-factor settings.",
    },
    reset: {
      subject: "Your two-factor authentication was reset",
      happened:
        "The people who run {issuer} have reset your two-factor authentication. Your authenticator, your recovery codes and all remembered browsers no longer work.",
      next: "Sign in soon and set it up again: until then, your password alone protects your account.",
    },
    "factor-added": {
      subject: "A second factor was added to your account",
      happened: "The people who run {issuer} have added a second factor to your account, such as a hardware token.",
      next: "From now on, you can be asked for it when you sign in.",
    },
    "factor-removed": {
      subject: "A second factor was taken off your account",
      happened: "The people who run {issuer} have taken a second factor off your account. It no longer opens it.",
      next: "If nothing else is left to prove your sign-in with, sign in soon and set something up.",
    },
    "recovery-codes-regenerated": {
      subject: "You have new recovery codes",
      happened: "New recovery codes were made for your account at {issuer}. The old ones no longer work.",
      next: "Throw the old list away, and keep the new one in a safe place.",
    },
    "recovery-code-used": {
      subject: "A recovery code was used",
      happened: "One of your recovery codes for {issuer} was used. It does not work again.",
      next: {
        none: "It was your last one. Make new ones in your two-factor settings before you need them.",
        one: "You have {remaining} left. Lost your phone? Set up a new authenticator app.",
        other: "You have {remaining} left. Lost your phone? Set up a new authenticator app.",
      },
    },
    "recovery-codes-low": {
      subject: "Your recovery codes are running out",
      happened: {
        none: "You have no recovery codes left for {issuer}.",
        one: "You have only {remaining} recovery code left for {issuer}.",
        other: "You have only {remaining} recovery codes left for {issuer}.",
      },
      next: "Make new ones in your two-factor settings, so that you can still get in if you lose your phone.",
    },
    locked: {
      subject: "Too many wrong codes",
      happened: "Wrong codes were entered for your account at {issuer}, so codes are refused until {until}.",
      next: "If it was you, wait until then and try again. Where you are signed in already, nothing changes.",
    },
    "locked-for-good": {
      subject: "Too many wrong codes",
      happened:
        "Wrong codes were entered for your account at {issuer}, so codes are refused until the people who run it unlock your account.",
      next: "Ask them to unlock it. Where you are signed in already, nothing changes.",
    },
    unlocked: {
      subject: "Your account is unlocked",
      happened: "Your account at {issuer} was locked after wrong codes. It is unlocked now.",
      next: "You can sign in as usual.",
    },
    "password-suspected": {
      subject: "Somebody may know your password",
      happened:
        "Somebody who has your password tried to sign in to your account at {issuer} from a browser we do not know, and entered wrong codes.",
      next: "The second step stopped them: they did not get in.",
    },
    "code-sending-limited": {
      subject: "Codes are asked for again and again",
      happened:
        "Many sign-in codes for {issuer} were sent to you, and none was used. For now, we send them less often.",
      next: "If you need one, use the newest we sent.",
    },
    "browser-remembered": {
      subject: "A browser is remembered",
      happened:
        "After a sign-in to your account at {issuer}, the browser was remembered. For a while it will not be asked for a code.",
      next: "Your two-factor settings show all remembered browsers; you can have them forgotten there.",
    },
    "key-added": {
      subject: "A security key was added",
      happened:
        "A security key or passkey was added to your account at {issuer}. It can be used as the second step from now on.",
      next: "Keep your recovery codes as well, in case you lose it.",
    },
    "key-removed": {
      subject: "A security key was removed",
      happened:
        "A security key or passkey was removed from your account at {issuer}. It can no longer be used to sign in.",
      next: "Your two-factor settings show which ones remain.",
    },
    "key-suspicious": {
      subject: "A security key was refused",
      happened:
        "One of your security keys was refused at a sign-in to {issuer}, because it looked as if somebody had copied it.",
      next: "Sign in another way, and remove this key in your two-factor settings. You can add another one there.",
    },
    "recovery-requested": {
      subject: "Somebody asked to recover your account",
      happened:
        "Somebody signed in to {issuer} with your password, said that they can no longer take the second step, and asked to set up a new one.",
      next: "Nothing has changed yet: it takes the code below, typed on the page that asks for it within 24 hours, and then a waiting time.",
    },
    "recovery-confirmed": {
      subject: "The recovery of your account has begun",
      happened:
        "The recovery of your account at {issuer} was confirmed with the code from our mail. From {readyAt} on, a new second step can be set up.",
      next: "Until then, everything stays as it is, and you can stop it at any time.",
    },
    "recovery-half-way": {
      subject: "Half of the waiting time is over",
      happened:
        "Half of the waiting time for the recovery of your account at {issuer} is over. From {readyAt} on, a new second step can be set up.",
      next: "Until then, everything stays as it is, and you can stop it at any time.",
    },
    "recovery-ready": {
      subject: "You can set up a new second step now",
      happened:
        "The waiting time for the recovery of your account at {issuer} is over. A new second step can be set up now.",
      next: "Sign in with your password, and we will send you a new code for it. What you had before works until the new one is confirmed.",
    },
    "recovery-code": {
      subject: "A code for your new second step",
      happened:
        "The waiting time for the recovery of your account at {issuer} is over, and somebody with your password now wants to set up a new second step.",
      next: "It takes the code below, typed on the page that asks for it. It works once, for 24 hours.",
    },
    "recovery-cancelled": {
      subject: "The recovery of your account was stopped",
      happened: "The recovery of your account at {issuer} was stopped. Your second step stays as it was.",
      next: "If you still cannot sign in, ask {issuer} for help.",
    },
    "recovery-finished": {
      subject: "Your account was recovered",
      happened:
        "After a recovery, a new second step was set up for your account at {issuer}. The old one no longer works, and everybody was signed out everywhere else.",
      next: "Keep your new recovery codes where you can find them without your phone.",
    },
  },
  ifNotYou: {
    change:
      "If this was you, there is nothing more to do. If it was not, somebody else has been in your account: change your password now, check your two-factor settings, and tell {issuer}.",
    password:
      "If this was you, there is nothing more to do. If it was not, somebody knows your password: change it now, to one that you use nowhere else, and tell {issuer}.",
    operator: "If you did not ask for this, tell {issuer} at once.",
    codes:
      "If it was not you who used them, somebody else has been in your account: change your password now, and tell {issuer}.",
    recovery:
      "If this is not you, stop it now. Then change your password to one that you use nowhere else: whoever asked for this knows it.",
    stopped:
      "If it was not you who had asked for it, somebody knows your password: change it now, to one that you use nowhere else, and tell {issuer}.",
  },
  details: {
    when: "When: {when}",
    address: "IP address: {address}",
    browser: "Browser: {browser}",
    reason: "Reason: “{reason}”",
    key: "Name of the key: “{key}”",
    code: "Code: {code}",
  },
  browserOnSystem: "{browser} on {system}",
  dateAndTime: "{date}, {time}",
  links: {
    cancel: "Stop the recovery: {url}",
    account: "Two-factor settings: {url}",
    support: "Tell {issuer}: {url}",
  },
  closing: "We never ask for a code or a password by mail.",
};
