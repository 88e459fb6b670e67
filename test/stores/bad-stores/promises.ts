/** The names of the kit's cases. */
export const promises = {
  nothing: "nothing is stored for a user until it is written",
  seen: "a write is seen at once by the other client",
  revision: "a revision is kept as it was given, and changes also when the record does not",
  record: "a record comes back character for character, 64 KiB and non-ASCII too",
  ids: "two ids are one user only if they are equal",
  shared: "nothing is shared by reference",
  expected: "only the expected revision is replaced",
  revisionCase: "revisions that differ in case only are two",
  first: "of many first writes at once, exactly one wins",
  replaced: "of many replacements at once, exactly one wins",
  acknowledged: "no acknowledged write is lost",
  transaction: "a write takes no part in a transaction of the host's",
  stale: "saving a stale model of the host's undoes no write",
  assigned: "what somebody sends of their own data changes no record",
  erased: "erase removes one user and leaves nothing that an old revision fits",
  listed: "userIds gives every id once, in a stable order, beginning behind `after`",
};
