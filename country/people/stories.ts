/** The demonstration mothers: thirteen households written by hand, at the front of every population. */

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
  readonly tells: { readonly en: string; readonly uz: string }
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
      tells: { en: 'first child, income known', uz: 'birinchi farzand, daromadi maʼlum' },
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
        uz: 'birinchi farzand, kam taʼminlangan, ijtimoiy reyestrda',
      },
    },
    {
      ...couple,
      children: 0,
      surname: 'Yoʻldoshev',
      mother: 'Nilufar',
      father: 'Otabek',
      district: '1718401',
      tells: { en: 'first child, income unknown', uz: 'birinchi farzand, daromadi nomaʼlum' },
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
        uz: 'ikkinchi farzand, kam taʼminlangan, ijtimoiy reyestrda',
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
        uz: 'ikkinchi farzand, ijtimoiy reyestrda emas',
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
        uz: 'uchinchi farzand, kam taʼminlangan, ijtimoiy reyestrda',
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
      tells: { en: 'second child, income unknown', uz: 'ikkinchi farzand, daromadi nomaʼlum' },
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
      tells: { en: 'first child, alone with her mother', uz: 'birinchi farzand, onasi bilan yashaydi' },
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
        uz: 'birinchi farzand, ijtimoiy reyestrda, daromadi nomaʼlum',
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
        uz: 'ikkinchi farzand, ijtimoiy reyestrda, daromadi nomaʼlum',
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
        uz: 'ikkinchi farzand, uch avlod bir uyda',
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
      tells: { en: 'fourth child, low income', uz: 'toʻrtinchi farzand, kam taʼminlangan' },
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
      tells: { en: 'third child, director of a company', uz: 'uchinchi farzand, korxona rahbari' },
    },
  ],
]

export const storySize = (story: Story): number =>
  1 + Number(story.husband) + Number(story.grandmother) + story.children
