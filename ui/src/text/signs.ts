// What is written the same in every language, and is no sentence.

/** The unit of money. */
export const NT = "NT$";

/** The numerals of cheques: figures, the places of a group of four, groups, and that nothing follows. */
export const FIGURES = "零壹貳參肆伍陸柒捌玖";
export const PLACES = ["", "拾", "佰", "仟"];
export const GROUPS = ["億", "萬", ""];
export const WHOLE = "元整";
