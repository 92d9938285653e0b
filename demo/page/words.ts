/** The languages of the demo, by BCP 47 tag, and what they call themselves. */
export const LANGUAGES = { kk: "Қаз", ru: "Рус", en: "Eng" } as const;

export type Language = keyof typeof LANGUAGES;

interface Words {
  readonly storefront: string;
  readonly simulated: string;
  readonly product: string;
  readonly productNote: string;
  readonly checkout: string;
  readonly newOrder: string;
  readonly storedCards: string;
  readonly language: string;
  readonly seeOrder: string;
  readonly shopUnreachable: string;
  readonly bought: string;
  readonly amount: string;
  readonly updated: string;
  readonly backToShop: string;
  readonly noSuchOrder: string;
  readonly journal: string;
  readonly journalNote: string;
  readonly journalEmpty: string;
  readonly request: string;
  readonly answer: string;
  readonly noAnswer: string;
  /** The page itself gave the request up. */
  readonly givenUp: string;
  /** "Order no. {n}" */
  readonly order: (n: string) => string;
  readonly parties: Readonly<Record<"browser" | "shop" | "edge" | "gateway", string>>;
  /** What each stored card of the demo plays. */
  readonly plays: Readonly<Record<string, string>>;
  /** The statuses of a charge, as an order page says them. */
  readonly statuses: Readonly<Record<string, string>>;
}

/** All words of the demo's pages. */
export const WORDS: Readonly<Record<Language, Words>> = {
  kk: {
    storefront: "Демо дүкен",
    simulated: "Мұнда бәрі имитация: нағыз карта да, нағыз ақша да жоқ.",
    product: "Апорт алмасы, 5 кг",
    productNote: "Жоқ бақтың алмасы.",
    checkout: "Тапсырысты төлеу",
    newOrder: "Жаңа тапсырыс",
    storedCards: "Сақталған карталар",
    language: "Тіл",
    seeOrder: "Тапсырысты қарау",
    shopUnreachable: "Дүкен жауап бермейді. Кейінірек қайталап көріңіз",
    bought: "Тауар",
    amount: "Сома",
    updated: "Жаңартылды",
    backToShop: "Дүкенге оралу",
    noSuchOrder: "Мұндай тапсырыс жоқ",
    journal: "Не болды",
    journalNote: "Осы тапсырыстың барлық сұраулары тақырыптарымен. Кілттер көрсетілмейді.",
    journalEmpty: "Әзірге ештеңе болған жоқ.",
    request: "Сұрау",
    answer: "Жауап",
    noAnswer: "жауап келмеді",
    givenUp: "тоқтатылды",
    order: (n) => `Тапсырыс №${n}`,
    parties: { browser: "Браузер", shop: "Дүкен", edge: "Edge", gateway: "Шлюз" },
    plays: {
      at_once: "Бірден төленеді",
      later: "Біраздан соң төленеді",
      insufficient_funds: "Қаражат жеткіліксіз",
      expired: "Картаның мерзімі бітті",
      answer_lost: "Жауап жоғалады",
      no_callback: "Хабарлама келмейді",
    },
    statuses: {
      ready: "Төленбеген",
      processing: "Төлем өңделуде",
      unconfirmed: "Төлем тексерілуде. Қайта төлемеңіз",
      authorized: "Сома картада бұғатталды",
      succeeded: "Төленді",
      failed: "Төлем өтпеді",
      reversed: "Бұғат алынды",
      refunded: "Ақша қайтарылды",
      closed: "Жабық",
    },
  },
  ru: {
    storefront: "Демо-магазин",
    simulated: "Всё здесь — имитация: ни настоящих карт, ни настоящих денег.",
    product: "Яблоки апорт, 5 кг",
    productNote: "Из сада, которого нет.",
    checkout: "Оплата заказа",
    newOrder: "Новый заказ",
    storedCards: "Сохранённые карты",
    language: "Язык",
    seeOrder: "Посмотреть заказ",
    shopUnreachable: "Магазин не отвечает. Попробуйте позже",
    bought: "Товар",
    amount: "Сумма",
    updated: "Обновлено",
    backToShop: "Вернуться в магазин",
    noSuchOrder: "Такого заказа нет",
    journal: "Что произошло",
    journalNote: "Все запросы этого заказа с заголовками. Ключи не показаны.",
    journalEmpty: "Пока ничего.",
    request: "Запрос",
    answer: "Ответ",
    noAnswer: "ответа нет",
    givenUp: "прерван",
    order: (n) => `Заказ №${n}`,
    parties: { browser: "Браузер", shop: "Магазин", edge: "Edge", gateway: "Шлюз" },
    plays: {
      at_once: "Проходит сразу",
      later: "Проходит не сразу",
      insufficient_funds: "Недостаточно средств",
      expired: "Истёк срок карты",
      answer_lost: "Ответ теряется",
      no_callback: "Уведомление не приходит",
    },
    statuses: {
      ready: "Не оплачен",
      processing: "Платёж обрабатывается",
      unconfirmed: "Платёж проверяется. Не платите ещё раз",
      authorized: "Сумма заблокирована на карте",
      succeeded: "Оплачен",
      failed: "Платёж не прошёл",
      reversed: "Блокировка суммы снята",
      refunded: "Деньги возвращены",
      closed: "Закрыт",
    },
  },
  en: {
    storefront: "Demo storefront",
    simulated: "Everything here is simulated: no real cards, no real money.",
    product: "Aport apples, 5 kg",
    productNote: "From an orchard that does not exist.",
    checkout: "Checkout",
    newOrder: "New order",
    storedCards: "Stored cards",
    language: "Language",
    seeOrder: "See the order",
    shopUnreachable: "The shop does not answer. Please try later",
    bought: "Product",
    amount: "Amount",
    updated: "Updated",
    backToShop: "Back to the shop",
    noSuchOrder: "There is no such order",
    journal: "What happened",
    journalNote: "Every request of this order, with its headers. Keys are left out.",
    journalEmpty: "Nothing yet.",
    request: "Request",
    answer: "Answer",
    noAnswer: "no answer",
    givenUp: "given up",
    order: (n) => `Order no. ${n}`,
    parties: { browser: "Browser", shop: "Shop", edge: "Edge", gateway: "Gateway" },
    plays: {
      at_once: "Pays at once",
      later: "Pays after a while",
      insufficient_funds: "Insufficient funds",
      expired: "Card expired",
      answer_lost: "The answer gets lost",
      no_callback: "No callback ever comes",
    },
    statuses: {
      ready: "Not paid",
      processing: "Payment is being processed",
      unconfirmed: "The payment is being checked. Please do not pay again",
      authorized: "The amount is reserved on the card",
      succeeded: "Paid",
      failed: "Payment failed",
      reversed: "The reservation was released",
      refunded: "Refunded",
      closed: "Closed",
    },
  },
};
