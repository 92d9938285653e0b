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
  /** The statuses of a charge on the order page. */
  readonly statuses: Readonly<Record<string, string>>;
}

/** All texts of the demo's pages. */
export const TEXTS: Readonly<Record<Language, Texts>> = {
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
    goods: "Жөнелту",
    notReleased: "Әлі рұқсат етілмеген",
    released: "Хабарлама бойынша рұқсат етілді",
    backToShop: "Дүкенге оралу",
    noSuchOrder: "Мұндай тапсырыс жоқ",
    picture: "Төлем қалай жүреді",
    pictureNote: "Бір төлемнің жолы: жеті қадам, олар болған сәтте көрінеді.",
    pictureHint: "Нағыз тақырыптар мен мазмұнды көру үшін қадамды таңдаңыз.",
    notYet: "әлі болған жоқ",
    summary: (n, all, status) => `${all} қадамның ${n} өтті. ${status}`,
    roles: { shop: "Бағаны белгілейді", browser: "Тек токенді біледі", edge: "Кілт тек осында", gateway: "Ақшаны алады" },
    steps: {
      token: ["Төлем токені", "Дүкен сервері тапсырысқа, сомаға және сақталған картаға қол қояды. Бет оларды өзгерте алмайды."],
      charge: ["Басылғанда: токен", "Батырма басылғанда бет Edge-ке тек токенді жібереді: кілт те, карта нөмірі де жоқ."],
      signed: [
        "Қол қойылған сұрау",
        "Кілт тек Edge-те. Ол сұрауды алдымен жазып алады, қол қояды (X-JWS-Signature), содан кейін жібереді.",
      ],
      callback: ["Шлюз хабарламасы", "Шлюз бірдеңе болғанын айтады. Edge үшін бұл тек қарап шығуға белгі, дәлел емес."],
      read: ["Шлюзден оқу", "Edge төлемді шлюзден өзі оқиды. Төленді ме, оны тек осы оқу шешеді."],
      state: ["Күйі", "Бет төлемнің күйін біледі. Дүкен сервері оны өз кілтімен бөлек сұрайды."],
      notified: [
        "Қол қойылған хабарлама",
        "Edge дүкен серверіне қол қойылған хабарлама жібереді (webhook-signature). Сервер оны тексеріп, тауарды бір рет қана босатады.",
      ],
    },
    gallery: "Элемент галереясы",
    galleryNote: "Элементтің барлық күйі, барлық тілде және екі түсте. Жауаптары имитация, элемент нағыз.",
    notYetDefined: "Сценарий жүктелгенше: орын сақталған, элемент келгенде ештеңе жылжымайды.",
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
      later: "Біраздан соң төленеді",
      insufficient_funds: "Қаражат жеткіліксіз",
      expired: "Картаның мерзімі бітті",
      answer_lost: "Жауап жоғалады",
      no_callback: "Шлюз хабарламасы келмейді",
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
    goods: "Отгрузка",
    notReleased: "Ещё не разрешена",
    released: "Разрешена по уведомлению",
    backToShop: "Вернуться в магазин",
    noSuchOrder: "Такого заказа нет",
    picture: "Как проходит платёж",
    pictureNote: "Путь одного платежа: семь шагов, каждый виден, когда он происходит.",
    pictureHint: "Выберите шаг, чтобы увидеть его настоящие заголовки и содержимое.",
    notYet: "ещё не было",
    summary: (n, all, status) => `Шагов: ${n} из ${all}. ${status}`,
    roles: { shop: "Назначает цену", browser: "Знает только токен", edge: "Ключ только здесь", gateway: "Принимает деньги" },
    steps: {
      token: ["Токен платежа", "Сервер магазина подписывает заказ, сумму и сохранённую карту. Страница не может их изменить."],
      charge: ["По нажатию: токен", "По нажатию кнопки страница отправляет в Edge токен и больше ничего: ни ключа, ни номера карты."],
      signed: [
        "Подписанный запрос",
        "Ключ есть только у Edge. Он сначала записывает запрос, затем подписывает его (X-JWS-Signature) и отправляет.",
      ],
      callback: ["Уведомление шлюза", "Шлюз сообщает, что что-то произошло. Для Edge это лишь повод посмотреть, а не доказательство."],
      read: ["Чтение у шлюза", "Edge сам читает платёж у шлюза. Только это чтение решает, оплачен ли заказ."],
      state: ["Состояние", "Страница узнаёт, в каком состоянии платёж. Сервер магазина спрашивает о нём отдельно, своим ключом."],
      notified: [
        "Подписанное уведомление",
        "Edge сообщает серверу магазина, с подписью (webhook-signature). Сервер проверяет её и отпускает товар, один раз.",
      ],
    },
    gallery: "Галерея элемента",
    galleryNote: "Все состояния элемента на всех языках и в обеих темах. Ответы сымитированы, элемент настоящий.",
    notYetDefined: "Пока скрипт не загружен: место занято, и с появлением элемента ничего не сдвигается.",
    ownLabel: "Подписаться за 4 990 ₸ в месяц",
    theme: "Тема",
    themes: { light: "Светлая", dark: "Тёмная" },
    all: "Все",
    exchanges: "Все запросы",
    exchangesNote: "Запросы этого заказа с заголовками. Ключи не показаны.",
    exchangesEmpty: "Пока ничего.",
    request: "Запрос",
    answer: "Ответ",
    noAnswer: "ответа нет",
    aborted: "прерван",
    order: (n) => `Заказ №${n}`,
    parties: { browser: "Браузер", shop: "Магазин", edge: "Edge", gateway: "Шлюз" },
    scenarios: {
      at_once: "Проходит сразу",
      later: "Проходит не сразу",
      insufficient_funds: "Недостаточно средств",
      expired: "Истёк срок карты",
      answer_lost: "Ответ теряется",
      no_callback: "Уведомления шлюза нет",
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
    goods: "Goods",
    notReleased: "Not released",
    released: "Released by the signed notification",
    backToShop: "Back to the shop",
    noSuchOrder: "There is no such order",
    picture: "How a charge happens",
    pictureNote: "The way of one charge: seven steps, each shown as it happens.",
    pictureHint: "Choose a step to see its real headers and bodies.",
    notYet: "not yet",
    summary: (n, all, status) => `${n} of ${all} steps. ${status}`,
    roles: { shop: "Sets the price", browser: "Knows only the token", edge: "Alone has the key", gateway: "Takes the money" },
    steps: {
      token: ["Charge token", "The shop's server signs the order, the amount and the stored card. The page cannot change them."],
      charge: ["On a click: the token", "A click sends the token to the edge and nothing else: no key, no card number."],
      signed: [
        "Signed request",
        "The edge alone has the key. It writes the request down first, then signs it (X-JWS-Signature) and sends it.",
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
