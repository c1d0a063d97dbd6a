// What is written the same in every language, and is no sentence.

/** The unit of money. */
export const NT = "NT$";

/**
 * The numerals of cheques: figures, the places of a group of four, groups, and that nothing
 * follows.
 */
export const FIGURES = "零壹貳參肆伍陸柒捌玖";
export const PLACES = ["", "拾", "佰", "仟"];
export const GROUPS = ["億", "萬", ""];
export const WHOLE = "元整";

/** What may surround an amount in pasted text. Before it: a sign or word for less than nothing, for
 *  foreign money, or for a number that goes on. Behind it: the unit, which changes nothing; what
 *  makes it worth something else. */
export const LESS = /[△▲]|(?:^ *|[ ($])[-−–—]$|^ *[-−–—] *$/;
export const LESS_BEHIND = /^ *[-−–—] *$/;
export const OTHERS_MONEY = /[¥€£₩] *$|\b(?:USD?|HKD?|RMB|CNY|JPY|EUR|GBP|AUD|CAD|SGD|KRW|THB) *$/i;
export const GOES_ON = /[a-z〇零一二三四五六七八九十百千萬万億亿兩壹貳參肆伍陸柒捌玖拾佰仟]$/i;
export const OURS = /(?:(?:NTD?|TWD) *\$?|\$) *$/i;
export const UNIT = /^ *(?:(?:NTD?|TWD)\b|[元圓塊]錢?[整正]?|[整正])/i;
export const WORTH =
  /^ *(?:[〇零一二三四五六七八九十百千萬万億亿壹貳參肆伍陸柒捌玖拾佰仟角分毛]|美[元金]|日[圓元]|港[幣元]|韓[圜元]|歐元|人民幣|[km]\b|thousand|million|hundred|USD?\b|HKD?\b|RMB|CNY|JPY|EUR|GBP)/i;
export const PART = /^[\p{L}\d]/u;
