/** Percent-encoded. The issuer stands in the address twice, and all of it must fit a QR code that a phone can read. */
const longestName = 300;

/** A name as text alone: no control, bidi or other invisible character, no colon, not too long. */
export function plainName(name: string): string {
  const plain = name
    // Fillers and the empty Braille cell are letters and symbols by their class, and nobody sees them.
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\u2800\u3164\uffa0\u115f\u1160:]/gu, " ")
    .replace(/\s+/gu, " ")
    .trim();
  // Nearly all are short: a segmenter alone takes longer to make than the rest of a set-up page.
  if (encodeURIComponent(plain).length <= longestName) return plain;
  let cut = "";
  for (const { segment } of new Intl.Segmenter().segment(plain)) {
    if (encodeURIComponent(cut + segment).length > longestName) break;
    cut += segment;
  }
  return cut;
}
