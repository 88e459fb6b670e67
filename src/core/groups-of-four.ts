/** As a person reads and types it: `ABCD-EFGH-IJKL-MNOP`. */
export const groupsOfFour = (text: string, separator: string): string => (text.match(/.{1,4}/g) ?? []).join(separator);
