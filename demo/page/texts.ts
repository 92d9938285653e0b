import type { ElementStatus } from "../../widget/events.ts";
import type { Step } from "./steps.ts";

/** The languages of the demo by BCP 47 tag, with their own names. */
export const LANGUAGES = { kk: "Қаз", ru: "Рус", en: "Eng" } as const;

export type Language = keyof typeof LANGUAGES;

interface Texts {
  readonly storefront: string;
  readonly simulated: string;
  readonly product: string;
  readonly productNote: string;
  readonly checkout: string;
  readonly newOrder: string;
  readonly storedCards: string;
  /** Shows the other stored cards on a narrow page. */
  readonly changeCard: string;
  /** Pays on Freedom Pay's page. */
  readonly newCard: string;
  /** Instead of a scenario: the customer has saved it. */
  readonly savedCard: string;
  /** "The card ending in {last4} was saved" */
  readonly saved: (last4: string) => string;
  /** Refunds the order, as the shop's staff would. */
  readonly refund: string;
  /** Picks another card after a failure: "Use {card}" */
  readonly otherCard: (card: string) => string;
  readonly language: string;
  readonly seeOrder: string;
  readonly shopUnreachable: string;
  readonly bought: string;
  readonly amount: string;
  readonly updated: string;
  readonly goods: string;
  readonly notReleased: string;
  readonly released: string;
  readonly backToShop: string;
  readonly noSuchOrder: string;
  readonly picture: string;
  readonly pictureNote: string;
  readonly pictureHint: string;
  readonly notYet: string;
  /** The summary for screen readers: "{n} of {all} steps. {status}" */
  readonly summary: (n: number, all: number, status: string) => string;
  /** The role of each party of a charge. */
  readonly roles: Readonly<Record<"browser" | "shop" | "edge" | "gateway", string>>;
  /** The steps of a charge: name and explanation. */
  readonly steps: Readonly<Record<Step, readonly [name: string, note: string]>>;
  readonly gallery: string;
  readonly galleryNote: string;
  readonly notYetDefined: string;
  /** A shop's own text on the element's button. */
  readonly ownLabel: string;
  readonly theme: string;
  readonly themes: Readonly<Record<"light" | "dark", string>>;
  readonly all: string;
  readonly exchanges: string;
  readonly exchangesNote: string;
  readonly exchangesEmpty: string;
  readonly request: string;
  readonly answer: string;
  readonly noAnswer: string;
  /** The page aborted the request. */
  readonly aborted: string;
  /** "Order no. {n}" */
  readonly order: (n: string) => string;
  readonly parties: Readonly<Record<"browser" | "shop" | "edge" | "gateway", string>>;
  /** The scenario of each stored card of the demo. */
  readonly scenarios: Readonly<Record<string, string>>;
  /** The statuses of a charge in the picture and on the order page: the element's words, but `ready` and `succeeded` say it of the order. */
  readonly statuses: Readonly<Record<ElementStatus, string>>;
}

/** All texts of the demo's pages. */
export const TEXTS: Readonly<Record<Language, Texts>> = {
  kk: {
    storefront: "Демо-дүкен",
    simulated: "Бұл – демонстрация: мұнда нағыз карта да, нағыз ақша да жоқ.",
    product: "Апорт алмасы, 5 кг",
    productNote: "Ойдан шығарылған бақтан.",
    checkout: "Тапсырысты төлеу",
    newOrder: "Жаңа тапсырыс",
    storedCards: "Сақталған карталар",
    changeCard: "Өзгерту",
    newCard: "Жаңа карта",
    savedCard: "Сақталған",
    saved: (last4) => `${last4} аяқталатын карта сақталды`,
    refund: "Дүкен ретінде қайтару",
    otherCard: (card) => `${card} таңдау`,
    language: "Тіл",
    seeOrder: "Тапсырысты қарау",
    shopUnreachable: "Дүкен жауап бермейді. Кейінірек қайталап көріңіз",
    bought: "Тауар",
    amount: "Сома",
    updated: "Жаңартылды",
    goods: "Жеткізу",
    notReleased: "Төлемнің расталуын күтуде",
    released: "Төлем расталды, жеткізуге берілді",
    backToShop: "Дүкенге оралу",
    noSuchOrder: "Мұндай тапсырыс жоқ",
    picture: "Төлем қалай жүреді",
    pictureNote: "Бір төлемнің қадамдары, нақты уақытта.",
    pictureHint: "Сұраудың тақырыптары мен мазмұнын көру үшін қадамды таңдаңыз.",
    notYet: "әлі болған жоқ",
    summary: (n, all, status) => `Қадамдар: ${n} / ${all}. ${status}`,
    roles: { shop: "Бағаны белгілейді", browser: "Тек токенді көреді", edge: "Кілтті сақтайды", gateway: "Төлемді өткізеді" },
    steps: {
      token: ["Төлем токені", "Дүкен сервері тапсырысқа, сомаға және төлем тәсіліне қол қояды. Бет оларды өзгерте алмайды."],
      charge: ["Токенді жіберу", "Батырма басылғанда бет Edge-ке тек токенді жібереді: кілт те, карта нөмірі де жоқ."],
      signed: [
        "Қол қойылған сұрау",
        "Кілт тек Edge-те. Ол сұрауды алдымен жазып алады, қол қояды (X-JWS-Signature немесе pg_sig), содан кейін жібереді.",
      ],
      page: ["Төлем беті", "Сатып алушы картаны Freedom Pay бетінде енгізеді. Дүкен де, Edge те карта нөмірін көрмейді."],
      returned: ["Дүкенге оралу", "Браузер Edge арқылы дүкенге оралады. Бұл төлемді дәлелдемейді: Edge оны шлюзден өзі тексереді."],
      callback: ["Шлюз хабарламасы", "Шлюз өзгеріс туралы хабарлайды. Edge үшін бұл тексеруге себеп қана, дәлел емес."],
      read: ["Шлюзден тексеру", "Edge төлемді шлюзден өзі сұрайды. Тапсырыстың төленгенін тек осы жауап шешеді."],
      state: ["Төлем күйі", "Бет төлемнің күйін біледі. Дүкен сервері оны өз кілтімен бөлек сұрайды."],
      notified: [
        "Қол қойылған хабарлама",
        "Edge дүкен серверіне қол қойылған хабарлама жібереді (webhook-signature). Сервер оны тексеріп, тауарды бір рет қана береді.",
      ],
    },
    gallery: "Элемент галереясы",
    galleryNote: "Элементтің барлық күйі, барлық тілде және екі түсте. Жауаптары имитация, элемент нағыз.",
    notYetDefined: "Скрипт жүктелгенше элементтің орны сақталады: ол шыққанда бет жылжымайды.",
    ownLabel: "Айына 4 990 ₸ төлеп жазылу",
    theme: "Түсі",
    themes: { light: "Ашық", dark: "Қараңғы" },
    all: "Барлығы",
    exchanges: "Барлық сұраулар",
    exchangesNote: "Осы тапсырыстың сұраулары тақырыптарымен. Кілттер көрсетілмейді.",
    exchangesEmpty: "Әзірге ештеңе болған жоқ.",
    request: "Сұрау",
    answer: "Жауап",
    noAnswer: "жауап келмеді",
    aborted: "тоқтатылды",
    order: (n) => `Тапсырыс №${n}`,
    parties: { browser: "Браузер", shop: "Дүкен", edge: "Edge", gateway: "Шлюз" },
    scenarios: {
      at_once: "Бірден төленеді",
      later: "8 секундта төленеді",
      insufficient_funds: "Қаражат жеткіліксіз",
      expired: "Картаның мерзімі бітті",
      answer_lost: "Шлюз жауабы жоғалады",
      no_callback: "Шлюз хабарламасынсыз",
      new: "Freedom Pay бетінде, сақталады",
    },
    statuses: {
      loading: "Жүктелуде…",
      ready: "Төленбеген",
      confirming: "Төлеу үшін тағы бір рет басыңыз",
      processing: "Төлем өңделуде…",
      redirecting: "Freedom Pay беті ашылуда…",
      unconfirmed: "Төлемді банктен тексеріп жатырмыз. Қайта төлемеңіз",
      authorized: "Сома картада бұғатталды",
      succeeded: "Төленді",
      failed: "Төлем өтпеді",
      reversed: "Картадағы сома босатылды",
      refunded: "Ақша қайтарылды",
      closed: "Тапсырыс жабық",
      expired: "Бет ескірді",
      conflict: "Тапсырыс төленіп жатыр немесе төленіп қойған",
      unreachable: "Байланыс жоқ",
      misconfigured: "Төлем уақытша қолжетімсіз",
    },
  },
  ru: {
    storefront: "Демо-магазин",
    simulated: "Это демонстрация: здесь нет настоящих карт и настоящих денег.",
    product: "Яблоки апорт, 5 кг",
    productNote: "Из вымышленного сада.",
    checkout: "Оплата заказа",
    newOrder: "Новый заказ",
    storedCards: "Сохранённые карты",
    changeCard: "Изменить",
    newCard: "Новая карта",
    savedCard: "Сохранена",
    saved: (last4) => `Карта, оканчивающаяся на ${last4}, сохранена`,
    refund: "Вернуть деньги от имени магазина",
    otherCard: (card) => `Выбрать ${card}`,
    language: "Язык",
    seeOrder: "Посмотреть заказ",
    shopUnreachable: "Магазин не отвечает. Попробуйте позже",
    bought: "Товар",
    amount: "Сумма",
    updated: "Обновлено",
    goods: "Доставка",
    notReleased: "Ждёт подтверждения оплаты",
    released: "Оплата подтверждена, заказ передан в доставку",
    backToShop: "Вернуться в магазин",
    noSuchOrder: "Такого заказа нет",
    picture: "Как проходит платёж",
    pictureNote: "Шаги одного платежа в реальном времени.",
    pictureHint: "Выберите шаг, чтобы увидеть заголовки и содержимое запроса.",
    notYet: "ещё не было",
    summary: (n, all, status) => `Шагов: ${n} из ${all}. ${status}`,
    roles: { shop: "Задаёт цену", browser: "Видит только токен", edge: "Хранит ключ", gateway: "Проводит платёж" },
    steps: {
      token: ["Токен платежа", "Сервер магазина подписывает заказ, сумму и способ оплаты. Страница не может их изменить."],
      charge: ["Отправка токена", "По нажатию кнопки страница отправляет в Edge только токен: ни ключа, ни номера карты."],
      signed: [
        "Подписанный запрос",
        "Ключ есть только у Edge. Он сначала записывает запрос, затем подписывает его (X-JWS-Signature или pg_sig) и отправляет.",
      ],
      page: ["Страница оплаты", "Покупатель вводит карту на странице Freedom Pay. Ни магазин, ни Edge не видят её номера."],
      returned: [
        "Возвращение в магазин",
        "Браузер возвращается в магазин через Edge. Это не доказывает оплату: Edge сам проверяет её у шлюза.",
      ],
      callback: ["Уведомление шлюза", "Шлюз сообщает об изменении. Для Edge это лишь повод проверить платёж, а не доказательство."],
      read: ["Проверка у шлюза", "Edge сам запрашивает платёж у шлюза. Только этот ответ решает, оплачен ли заказ."],
      state: ["Статус платежа", "Страница узнаёт статус платежа. Сервер магазина запрашивает его отдельно, своим ключом."],
      notified: [
        "Подписанное уведомление",
        "Edge отправляет серверу магазина подписанное уведомление (webhook-signature). Сервер проверяет подпись и отпускает товар один раз.",
      ],
    },
    gallery: "Галерея элемента",
    galleryNote: "Все состояния элемента на всех языках и в обеих темах. Ответы – имитация, элемент настоящий.",
    notYetDefined: "Пока скрипт загружается, место элемента сохранено: когда он появится, страница не сдвинется.",
    ownLabel: "Оформить подписку за 4 990 ₸ в месяц",
    theme: "Тема",
    themes: { light: "Светлая", dark: "Тёмная" },
    all: "Все",
    exchanges: "Все запросы",
    exchangesNote: "Запросы этого заказа с заголовками. Ключи не показаны.",
    exchangesEmpty: "Пока ничего.",
    request: "Запрос",
    answer: "Ответ",
    noAnswer: "нет ответа",
    aborted: "прерван",
    order: (n) => `Заказ №${n}`,
    parties: { browser: "Браузер", shop: "Магазин", edge: "Edge", gateway: "Шлюз" },
    scenarios: {
      at_once: "Оплата сразу",
      later: "Оплата через 8 секунд",
      insufficient_funds: "Недостаточно средств",
      expired: "Истёк срок карты",
      answer_lost: "Ответ шлюза теряется",
      no_callback: "Без уведомления шлюза",
      new: "На странице Freedom Pay, сохранится",
    },
    statuses: {
      loading: "Загружается…",
      ready: "Не оплачен",
      confirming: "Нажмите ещё раз, чтобы оплатить",
      processing: "Обрабатываем платёж…",
      redirecting: "Открываем страницу Freedom Pay…",
      unconfirmed: "Проверяем платёж в банке. Не платите ещё раз",
      authorized: "Сумма заблокирована на карте",
      succeeded: "Оплачен",
      failed: "Платёж не прошёл",
      reversed: "Сумма на карте разблокирована",
      refunded: "Деньги возвращены",
      closed: "Заказ закрыт",
      expired: "Страница устарела",
      conflict: "Заказ уже оплачивается или оплачен",
      unreachable: "Нет связи",
      misconfigured: "Оплата временно недоступна",
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
    changeCard: "Change",
    newCard: "New card",
    savedCard: "Saved",
    saved: (last4) => `The card ending in ${last4} was saved`,
    refund: "Refund, as the shop",
    otherCard: (card) => `Use ${card}`,
    language: "Language",
    seeOrder: "See the order",
    shopUnreachable: "The shop does not answer. Please try later",
    bought: "Product",
    amount: "Amount",
    updated: "Updated",
    goods: "Goods",
    notReleased: "Not released",
    released: "Released by the signed notification",
    backToShop: "Back to the shop",
    noSuchOrder: "There is no such order",
    picture: "How a charge happens",
    pictureNote: "The steps of one charge, each shown as it happens.",
    pictureHint: "Choose a step to see its real headers and bodies.",
    notYet: "not yet",
    summary: (n, all, status) => `${n} of ${all} steps. ${status}`,
    roles: { shop: "Sets the price", browser: "Knows only the token", edge: "Alone has the key", gateway: "Takes the money" },
    steps: {
      token: ["Charge token", "The shop's server signs the order, the amount and the way to pay. The page cannot change them."],
      charge: ["On a click: the token", "A click sends the token to the edge and nothing else: no key, no card number."],
      signed: [
        "Signed request",
        "The edge alone has the key. It writes the request down first, then signs it (X-JWS-Signature or pg_sig) and sends it.",
      ],
      page: ["Payment page", "The shopper enters the card on Freedom Pay's page. Neither the shop nor the edge sees its number."],
      returned: [
        "Back to the shop",
        "The browser comes back to the shop through the edge. That proves no payment: the edge reads it at the gateway itself.",
      ],
      callback: ["Callback", "The gateway says that something happened. To the edge this is a hint to look, not a proof."],
      read: ["Read at the gateway", "The edge reads the payment at the gateway itself. Only this read decides whether the order is paid."],
      state: ["State", "The page learns how the charge stands. The shop's server asks for itself, with a key of its own."],
      notified: [
        "Signed notification",
        "The edge tells the shop's server, signed (webhook-signature). The server verifies that and releases the goods, once.",
      ],
    },
    gallery: "Gallery of the element",
    galleryNote: "Every state of the element, in every language and both themes. The answers are simulated, the element is real.",
    notYetDefined: "Before its script has run: the space is kept, and nothing moves when the element comes.",
    ownLabel: "Subscribe for ₸4,990 a month",
    theme: "Theme",
    themes: { light: "Light", dark: "Dark" },
    all: "All",
    exchanges: "Every request",
    exchangesNote: "Every request of this order, with its headers. Keys are left out.",
    exchangesEmpty: "Nothing yet.",
    request: "Request",
    answer: "Answer",
    noAnswer: "no answer",
    aborted: "aborted",
    order: (n) => `Order no. ${n}`,
    parties: { browser: "Browser", shop: "Shop", edge: "Edge", gateway: "Gateway" },
    scenarios: {
      at_once: "Pays at once",
      later: "Pays after a while",
      insufficient_funds: "Insufficient funds",
      expired: "Card expired",
      answer_lost: "The answer gets lost",
      no_callback: "No callback ever comes",
      new: "On Freedom Pay's page, saved",
    },
    statuses: {
      loading: "Loading…",
      ready: "Not paid",
      confirming: "Press once more to pay",
      processing: "Processing payment…",
      redirecting: "Opening Freedom Pay's page…",
      unconfirmed: "We are checking with the bank. Do not pay again",
      authorized: "The amount is held on the card",
      succeeded: "Paid",
      failed: "Payment failed",
      reversed: "The amount on the card was released",
      refunded: "Money returned",
      closed: "The order is closed",
      expired: "This page is out of date",
      conflict: "The order is being paid or is already paid",
      unreachable: "No connection",
      misconfigured: "Payment is not available here now",
    },
  },
};
