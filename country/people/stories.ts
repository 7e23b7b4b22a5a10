/** The demonstration mothers: thirteen households written by hand, at the front of every population. */

import type { InEachLanguage } from '../words.ts'

export type Story = {
  /** Who lives here besides the mother. */
  readonly husband: boolean
  readonly children: number
  readonly grandmother: boolean
  readonly surname: string
  readonly mother: string
  readonly father: string
  /** SOATO code of the district. */
  readonly district: string
  readonly in_register: boolean
  /** Average household income a month in soʻm, or undefined when no registry has told it. */
  readonly income?: number
  readonly director?: boolean
  readonly tells: InEachLanguage
}

const couple = { husband: true, grandmother: false, in_register: false }

/** Blocks of 20 people: sizes of the households of a block add up to 20. */
export const story_blocks: readonly (readonly Story[])[] = [
  [
    {
      ...couple,
      children: 0,
      surname: 'Karimov',
      mother: 'Dilnoza',
      father: 'Jasur',
      district: '1726266',
      income: 14_600_000,
      tells: {
        en: 'first child, income known',
        ru: 'первый ребёнок, доход известен',
        'uz-Latn': 'birinchi farzand, daromadi maʼlum',
        'uz-Cyrl': 'биринчи фарзанд, даромади маълум',
      },
    },
    {
      ...couple,
      children: 0,
      surname: 'Tursunov',
      mother: 'Madina',
      father: 'Sardor',
      district: '1730401',
      in_register: true,
      income: 980_000,
      tells: {
        en: 'first child, low income, in the social register',
        ru: 'первый ребёнок, низкий доход, в социальном реестре',
        'uz-Latn': 'birinchi farzand, kam taʼminlangan, ijtimoiy reyestrda',
        'uz-Cyrl': 'биринчи фарзанд, кам таъминланган, ижтимоий реестрда',
      },
    },
    {
      ...couple,
      children: 0,
      surname: 'Yoʻldoshev',
      mother: 'Nilufar',
      father: 'Otabek',
      district: '1718401',
      tells: {
        en: 'first child, income unknown',
        ru: 'первый ребёнок, доход неизвестен',
        'uz-Latn': 'birinchi farzand, daromadi nomaʼlum',
        'uz-Cyrl': 'биринчи фарзанд, даромади номаълум',
      },
    },
    {
      ...couple,
      children: 1,
      surname: 'Rahimov',
      mother: 'Zulfiya',
      father: 'Bekzod',
      district: '1714401',
      in_register: true,
      income: 1_340_000,
      tells: {
        en: 'second child, low income, in the social register',
        ru: 'второй ребёнок, низкий доход, в социальном реестре',
        'uz-Latn': 'ikkinchi farzand, kam taʼminlangan, ijtimoiy reyestrda',
        'uz-Cyrl': 'иккинчи фарзанд, кам таъминланган, ижтимоий реестрда',
      },
    },
    {
      ...couple,
      children: 1,
      surname: 'Saidov',
      mother: 'Malika',
      father: 'Farrux',
      district: '1706401',
      income: 11_250_000,
      tells: {
        en: 'second child, not in the social register',
        ru: 'второй ребёнок, не в социальном реестре',
        'uz-Latn': 'ikkinchi farzand, ijtimoiy reyestrda emas',
        'uz-Cyrl': 'иккинчи фарзанд, ижтимоий реестрда эмас',
      },
    },
    {
      ...couple,
      children: 2,
      surname: 'Joʻrayev',
      mother: 'Gulnora',
      father: 'Ravshan',
      district: '1710401',
      in_register: true,
      income: 1_620_000,
      tells: {
        en: 'third child, low income, in the social register',
        ru: 'третий ребёнок, низкий доход, в социальном реестре',
        'uz-Latn': 'uchinchi farzand, kam taʼminlangan, ijtimoiy reyestrda',
        'uz-Cyrl': 'учинчи фарзанд, кам таъминланган, ижтимоий реестрда',
      },
    },
    {
      ...couple,
      children: 1,
      grandmother: true,
      surname: 'Gʻaniyev',
      mother: 'Moʻtabar',
      father: 'Ulugʻbek',
      district: '1733401',
      tells: {
        en: 'second child, income unknown',
        ru: 'второй ребёнок, доход неизвестен',
        'uz-Latn': 'ikkinchi farzand, daromadi nomaʼlum',
        'uz-Cyrl': 'иккинчи фарзанд, даромади номаълум',
      },
    },
  ],
  [
    {
      husband: false,
      grandmother: true,
      children: 0,
      surname: 'Sobirov',
      mother: 'Sevara',
      father: 'Temur',
      district: '1726294',
      in_register: true,
      income: 1_050_000,
      tells: {
        en: 'first child, alone with her mother',
        ru: 'первый ребёнок, живёт с матерью',
        'uz-Latn': 'birinchi farzand, onasi bilan yashaydi',
        'uz-Cyrl': 'биринчи фарзанд, онаси билан яшайди',
      },
    },
    {
      ...couple,
      children: 0,
      surname: 'Eshonqulov',
      mother: 'Charos',
      father: 'Doniyor',
      district: '1722401',
      in_register: true,
      tells: {
        en: 'first child, in the social register, income unknown',
        ru: 'первый ребёнок, в социальном реестре, доход неизвестен',
        'uz-Latn': 'birinchi farzand, ijtimoiy reyestrda, daromadi nomaʼlum',
        'uz-Cyrl': 'биринчи фарзанд, ижтимоий реестрда, даромади номаълум',
      },
    },
    {
      ...couple,
      children: 1,
      surname: 'Ergashev',
      mother: 'Feruza',
      father: 'Sherzod',
      district: '1708401',
      in_register: true,
      tells: {
        en: 'second child, in the social register, income unknown',
        ru: 'второй ребёнок, в социальном реестре, доход неизвестен',
        'uz-Latn': 'ikkinchi farzand, ijtimoiy reyestrda, daromadi nomaʼlum',
        'uz-Cyrl': 'иккинчи фарзанд, ижтимоий реестрда, даромади номаълум',
      },
    },
    {
      ...couple,
      children: 1,
      grandmother: true,
      surname: 'Umarov',
      mother: 'Shahnoza',
      father: 'Alisher',
      district: '1735401',
      income: 9_870_000,
      tells: {
        en: 'second child, three generations under one roof',
        ru: 'второй ребёнок, три поколения в одном доме',
        'uz-Latn': 'ikkinchi farzand, uch avlod bir uyda',
        'uz-Cyrl': 'иккинчи фарзанд, уч авлод бир уйда',
      },
    },
    {
      ...couple,
      children: 3,
      surname: 'Normatov',
      mother: 'Saodat',
      father: 'Toʻlqin',
      district: '1712401',
      in_register: true,
      income: 1_790_000,
      tells: {
        en: 'fourth child, low income',
        ru: 'четвёртый ребёнок, низкий доход',
        'uz-Latn': 'toʻrtinchi farzand, kam taʼminlangan',
        'uz-Cyrl': 'тўртинчи фарзанд, кам таъминланган',
      },
    },
    {
      ...couple,
      children: 2,
      surname: 'Xoʻjayev',
      mother: 'Nodira',
      father: 'Komil',
      district: '1726269',
      income: 23_400_000,
      director: true,
      tells: {
        en: 'third child, director of a company',
        ru: 'третий ребёнок, руководит компанией',
        'uz-Latn': 'uchinchi farzand, korxona rahbari',
        'uz-Cyrl': 'учинчи фарзанд, корхона раҳбари',
      },
    },
  ],
]

export const storySize = (story: Story): number =>
  1 + Number(story.husband) + Number(story.grandmother) + story.children
