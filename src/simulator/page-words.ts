/** The words of the payment page in its three languages. */

/** A language of the page. */
export type PageLanguage = "kk" | "ru" | "en";

/** A message of the page. */
export type PageMessage =
  | "unknown"
  | "notUnderstood"
  | "tooLarge"
  | "foreign"
  | "keyword"
  | "checking"
  | "processing"
  | "paid"
  | "left"
  | "closed"
  | "declined"
  | "secure";

/** A label of the page. */
type Label =
  | "title"
  | "simulated"
  | "order"
  | "description"
  | "amount"
  | "card"
  | "saved"
  | "outcome"
  | "asTold"
  | "pays"
  | "decline-10009"
  | "page-3ds"
  | "page-unseen-10"
  | "keywords"
  | "pay"
  | "leave"
  | "confirm"
  | "refuse"
  | "back"
  | "again"
  | "code";

/** The reasons of a declined try that a page can name. */
type Reason = "10009" | "10021" | "10042";

interface Words {
  readonly messages: Readonly<Record<PageMessage, string>>;
  readonly labels: Readonly<Record<Label, string>>;
  readonly reasons: Readonly<Record<Reason, string>>;
}

/** The words by language. */
export const WORDS: Readonly<Record<PageLanguage, Words>> = {
  en: {
    messages: {
      unknown: "There is no such payment page.",
      notUnderstood: "The form was not understood. Nothing was paid.",
      tooLarge: "The form is too large. Nothing was paid.",
      foreign: "This form belongs to another page. Nothing was paid.",
      keyword: "The simulator has no such keyword for a page. Nothing was paid.",
      checking: "This page is being paid in another tab. Wait a moment.",
      processing: "The payment is being processed.",
      paid: "This page is paid.",
      left: "Nothing was paid.",
      closed: "This page has closed. It can no longer be paid.",
      declined: "The payment was declined. Nothing was taken.",
      secure: "3-D Secure: the bank asks whether it is you who pays.",
    },
    labels: {
      title: "Payment page of the simulator",
      simulated: "This is a simulator. It takes no real card and no money. Enter no card number.",
      order: "Order",
      description: "For",
      amount: "Amount",
      card: "Simulated card",
      saved: "The shop asked to save this card for later payments.",
      outcome: "What the bank does",
      asTold: "What the shop's keywords say:",
      pays: "It pays",
      "decline-10009": "It declines: not enough money",
      "page-3ds": "It asks for 3-D Secure",
      "page-unseen-10": "It pays, and the status shows it 10 seconds later",
      keywords: "More keywords of the simulator",
      pay: "Pay",
      leave: "Return without paying",
      confirm: "Yes, pay",
      refuse: "No, decline",
      back: "Return to the shop",
      again: "Show the page again",
      code: "Code",
    },
    reasons: { "10009": "There is not enough money on the card.", "10021": "The shop refused the payment.", "10042": "3-D Secure failed." },
  },
  ru: {
    messages: {
      unknown: "Такой платёжной страницы нет.",
      notUnderstood: "Форма не распознана. Оплаты не было.",
      tooLarge: "Форма слишком большая. Оплаты не было.",
      foreign: "Эта форма от другой страницы. Оплаты не было.",
      keyword: "У симулятора нет такого ключевого слова для страницы. Оплаты не было.",
      checking: "Эта страница оплачивается в другой вкладке. Подождите немного.",
      processing: "Платёж обрабатывается.",
      paid: "Эта страница оплачена.",
      left: "Оплаты не было.",
      closed: "Эта страница закрыта. Оплатить её больше нельзя.",
      declined: "Платёж отклонён. Деньги не списаны.",
      secure: "3-D Secure: банк спрашивает, вы ли платите.",
    },
    labels: {
      title: "Платёжная страница симулятора",
      simulated: "Это симулятор. Он не принимает настоящих карт и не списывает денег. Не вводите номер карты.",
      order: "Заказ",
      description: "За что",
      amount: "Сумма",
      card: "Вымышленная карта",
      saved: "Магазин просит сохранить эту карту для следующих платежей.",
      outcome: "Что сделает банк",
      asTold: "Как указано в ключевых словах магазина:",
      pays: "Оплатит",
      "decline-10009": "Отклонит: недостаточно средств",
      "page-3ds": "Спросит 3-D Secure",
      "page-unseen-10": "Оплатит, но статус покажет это через 10 секунд",
      keywords: "Другие ключевые слова симулятора",
      pay: "Оплатить",
      leave: "Вернуться без оплаты",
      confirm: "Да, оплатить",
      refuse: "Нет, отклонить",
      back: "Вернуться в магазин",
      again: "Показать страницу снова",
      code: "Код",
    },
    reasons: { "10009": "На карте недостаточно средств.", "10021": "Магазин отказался от платежа.", "10042": "3-D Secure не пройден." },
  },
  kk: {
    messages: {
      unknown: "Мұндай төлем беті жоқ.",
      notUnderstood: "Форма танылмады. Төлем жасалған жоқ.",
      tooLarge: "Форма тым үлкен. Төлем жасалған жоқ.",
      foreign: "Бұл форма басқа беттікі. Төлем жасалған жоқ.",
      keyword: "Симуляторда бетке арналған мұндай кілт сөз жоқ. Төлем жасалған жоқ.",
      checking: "Бұл бет басқа қойындыда төленіп жатыр. Сәл күтіңіз.",
      processing: "Төлем өңделуде.",
      paid: "Бұл бет төленді.",
      left: "Төлем жасалған жоқ.",
      closed: "Бұл бет жабылды. Енді төлеуге болмайды.",
      declined: "Төлем қабылданбады. Ақша алынған жоқ.",
      secure: "3-D Secure: банк төлеп жатқан сіз екеніңізді сұрайды.",
    },
    labels: {
      title: "Симулятордың төлем беті",
      simulated: "Бұл — симулятор. Ол нағыз карта қабылдамайды және ақша алмайды. Карта нөмірін енгізбеңіз.",
      order: "Тапсырыс",
      description: "Не үшін",
      amount: "Сома",
      card: "Ойдан шығарылған карта",
      saved: "Дүкен бұл картаны келесі төлемдер үшін сақтауды сұрайды.",
      outcome: "Банк не істейді",
      asTold: "Дүкеннің кілт сөздерінде көрсетілгендей:",
      pays: "Төлейді",
      "decline-10009": "Қабылдамайды: қаражат жеткіліксіз",
      "page-3ds": "3-D Secure сұрайды",
      "page-unseen-10": "Төлейді, бірақ статус оны 10 секундтан кейін көрсетеді",
      keywords: "Симулятордың басқа кілт сөздері",
      pay: "Төлеу",
      leave: "Төлемей қайту",
      confirm: "Иә, төлеу",
      refuse: "Жоқ, бас тарту",
      back: "Дүкенге қайту",
      again: "Бетті қайта көрсету",
      code: "Код",
    },
    reasons: { "10009": "Картада қаражат жеткіліксіз.", "10021": "Дүкен төлемнен бас тартты.", "10042": "3-D Secure өтпеді." },
  },
};

/** Why a try was declined; its code where the page has no words for it. */
export function reasonOf(language: PageLanguage, code: string): string {
  const { labels, reasons } = WORDS[language];
  return Object.hasOwn(reasons, code) ? reasons[code as Reason] : `${labels.code} ${code}.`;
}

/** The first of the page's languages that a browser asks for, for an address without a page. */
export function languageOf(acceptLanguage: string): PageLanguage {
  return (/\b(kk|ru|en)\b/i.exec(acceptLanguage)?.[1]?.toLowerCase() ?? "en") as PageLanguage;
}
