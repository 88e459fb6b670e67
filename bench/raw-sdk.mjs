// The AWS Encryption SDK by itself, with the suite and keyring that we use: what opening a secret costs at least.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { buildDecrypt } = require("@aws-crypto/decrypt-node");
const { buildEncrypt } = require("@aws-crypto/encrypt-node");
const { AlgorithmSuiteIdentifier, CommitmentPolicy } = require("@aws-crypto/material-management-node");
const { RawAesKeyringNode, RawAesWrappingSuiteIdentifier } = require("@aws-crypto/raw-aes-keyring-node");

const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;

/** @param bytes of the key, which the SDK wants in an array of its own */
export function rawSdk(keyName, bytes) {
  const policy = { commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, maxEncryptedDataKeys: 1 };
  const { encrypt } = buildEncrypt(policy);
  const { decrypt } = buildDecrypt(policy);
  const keyring = new RawAesKeyringNode({
    keyNamespace: "2fa",
    keyName,
    unencryptedMasterKey: new Uint8Array(bytes),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  return {
    seal: async (text, encryptionContext) =>
      (await encrypt(keyring, Buffer.from(text), { suiteId, encryptionContext })).result,
    open: async (message) => (await decrypt(keyring, message)).plaintext.toString("utf8"),
  };
}
