export { defineFactor } from "./factor";
export type {
  AboutUser,
  Ceremony,
  Challenge,
  Delivery,
  Factor,
  FactorRank,
  FactorSummary,
  FactorText,
  FactorTools,
  FactorVerdict,
  FactorWords,
  KeyAges,
  Presented,
  Sealed,
  SetUp,
} from "./factor";
export type { FactorEntry } from "../core/factor-entry";
export { anyText, count, listOf, optional, shape, text, tuple, type StoredField } from "../core/shape";
