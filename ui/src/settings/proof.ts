// The messages beside the fields when the bank, or we before it, refused the keys.

import type { ProofView } from "../bindings/settings";
import { chosenOf, said, t, type Said } from "../lib/text.svelte";
import { cleaned, cleanedMac, fits, fitsMac, HASHES, length, SECRETS, type Keys, type Secret } from "./keys";
import { wrong, type Problems } from "./settings.svelte";

/** Problems in the form of the keys; the messages give only lengths. */
export function formProblems(keys: Keys): Problems {
  const problems: Problems = {};
  for (const name of SECRETS) {
    const key = () => t(`key.${name}`);
    const count = String(length(name, keys[name]));
    if (cleaned(name, keys[name]) === "") problems[name] = () => t("key.missing", { key: key() });
    else if (!fits(name, keys[name])) problems[name] = () => t(`key.${form(name)}`, { key: key(), count });
  }
  return problems;
}

/** The same of CTBC's key. */
export function macProblems(typed: string): Problems {
  if (fitsMac(typed)) return {};
  const text = cleanedMac(typed);
  const count = String([...text].length);
  return { ctbc_mac_key: text === "" ? said("key.mac.missing") : said("key.mac", { count }) };
}

/** What is wrong with a MerID. */
export function merIdProblems(typed: string): Problems {
  return /^\d{1,10}$/.test(cleanedMac(typed)) ? {} : { ctbc_mer_id: wrong("ctbc_mer_id") };
}

/** What is wrong with a ShopNo. */
export function shopNoProblems(typed: string): Problems {
  return /^\w{1,20}$/.test(typed.trim()) ? {} : { shop_no: wrong("shop_no") };
}

function form(name: Secret): "uuid" | "hex" {
  return name === "key_id" ? "uuid" : "hex";
}

/** The fields that a proof names, each with its own words. */
export function proofProblems(proof: ProofView): Problems {
  const problems: Problems = {};
  const cause = sentence(proof) === "" ? undefined : () => sentence(proof);
  if (proof.bank === "ctbc") {
    for (const field of proof.fields) {
      const at = field === "base_url" ? "environment" : field;
      problems[`ctbc_${at}`] = said(`key.refused.${field}`) ?? wrong(`ctbc_${at}`) ?? cause;
    }
    return problems;
  }
  const exchanged = proof.failure?.code === "keys-exchanged";
  const named = proof.fields.map((field) => field.split(".").at(-1) ?? field);
  const hashes = HASHES.filter((hash) => named.includes(hash));
  for (const field of named) {
    // which address the bank has follows from the environment that was chosen
    const at = field === "base_url" ? "environment" : field;
    problems[at] = beside(field, hashes, exchanged) ?? cause;
  }
  return problems;
}

function beside(field: string, hashes: Secret[], exchanged: boolean): Said | undefined {
  if (field === "key_id" || field === "shop_no") return said(`key.refused.${field}`);
  const hash = hashes.find((one) => one === field);
  if (!hash) return wrong(field);
  const key = () => t(`key.${hash}`);
  const other = hashes.find((one) => one !== hash);
  if (exchanged && hashes.length === 2 && other)
    return () => t("key.exchanged", { key: key(), other: t(`key.${other}`) });
  if (exchanged) return said("key.exchanged.all");
  return hashes.length === 1 ? () => t("key.refused.one", { key: key() }) : said("key.refused.some");
}

/** The cause and the next step, without what already shows beside the fields; for an unlisted
 *  address, our own words, which explain more. */
export function sentence(proof: ProofView): string {
  const { failure } = proof;
  if (!failure) return "";
  const beside = ["keys-wrong", "keys-exchanged"].includes(failure.code) && proof.fields.length > 0;
  const code = failure.values["code"];
  if (beside) return typeof code === "string" ? t("bank.code", { code }) : "";
  return failure.code === "address-not-listed" ? t("proof.address") : chosenOf(failure.zh, failure.en);
}
