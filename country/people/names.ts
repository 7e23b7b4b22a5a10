/**
 * Names as they are written in Uzbek documents, in both scripts by hand: legal names are never transliterated by
 * machine. Apostrophes are canonical: U+02BB after o and g, U+02BC elsewhere. Each entry: Latin, then Cyrillic.
 */
export type Name = readonly [latin: string, cyrillic: string]

const list = (text: string): readonly Name[] =>
  text
    .trim()
    .split(/\s+/)
    .map((pair) => pair.split('|') as unknown as Name)

/** Given names of women. */
export const womens_names = list(`
Aziza|Азиза Barno|Барно Charos|Чарос Dildora|Дилдора Dilfuza|Дилфуза Dilnoza|Дилноза Dilobar|Дилобар Durdona|Дурдона
Farida|Фарида Feruza|Феруза Gavhar|Гавҳар Gulbahor|Гулбаҳор Gulchehra|Гулчеҳра Gulnora|Гулнора Gulsanam|Гулсанам
Hilola|Ҳилола Hulkar|Ҳулкар Iroda|Ирода Kamola|Камола Lobar|Лобар Lola|Лола Madina|Мадина Maftuna|Мафтуна
Mahliyo|Маҳлиё Malika|Малика Mashhura|Машҳура Mehriniso|Меҳринисо Moʻtabar|Мўътабар Mohira|Моҳира Mohinur|Моҳинур
Muazzam|Муаззам Muhayyo|Муҳайё Munisa|Муниса Muslima|Муслима Nafisa|Нафиса Nargiza|Наргиза Nigora|Нигора Nilufar|Нилуфар
Nodira|Нодира Noila|Ноила Oydin|Ойдин Oysha|Ойша Ozoda|Озода Parizoda|Паризода Rayhona|Райҳона Robiya|Робия Ruxshona|Рухшона
Saida|Саида Saodat|Саодат Sevara|Севара Sevinch|Севинч Shahlo|Шаҳло Shahnoza|Шаҳноза Shirin|Ширин Sitora|Ситора
Soliha|Солиҳа Surayyo|Сурайё Umida|Умида Vazira|Вазира Xadicha|Хадича Xurshida|Хуршида Yulduz|Юлдуз Zarina|Зарина
Zebo|Зебо Zilola|Зилола Ziyoda|Зиёда Zuhra|Зуҳра Zulfiya|Зулфия Eʼzoza|Эъзоза`)

/** Given names of men. */
export const mens_names = list(`
Abbos|Аббос Abdulaziz|Абдулазиз Abdulloh|Абдуллоҳ Akbar|Акбар Akmal|Акмал Alisher|Алишер Anvar|Анвар Asilbek|Асилбек
Aziz|Азиз Azamat|Азамат Baxtiyor|Бахтиёр Behruz|Беҳруз Bekzod|Бекзод Bobur|Бобур Botir|Ботир Davron|Даврон Dilshod|Дилшод
Diyor|Диёр Doniyor|Дониёр Elyor|Элёр Erkin|Эркин Farhod|Фарҳод Farrux|Фаррух Fayzulla|Файзулла Gʻayrat|Ғайрат
Gʻolib|Ғолиб Hasan|Ҳасан Husan|Ҳусан Ibrohim|Иброҳим Ilhom|Илҳом Islom|Ислом Ismoil|Исмоил Isʼhoq|Исҳоқ Jahongir|Жаҳонгир
Jamshid|Жамшид Jasur|Жасур Javohir|Жавоҳир Kamol|Камол Komil|Комил Laziz|Лазиз Mansur|Мансур Maʼruf|Маъруф Mirzo|Мирзо
Muhammad|Муҳаммад Murod|Мурод Mustafo|Мустафо Nodir|Нодир Nurbek|Нурбек Odil|Одил Olim|Олим Oybek|Ойбек Otabek|Отабек
Oʻktam|Ўктам Ravshan|Равшан Rustam|Рустам Sanjar|Санжар Sardor|Сардор Shavkat|Шавкат Sherzod|Шерзод Shohruh|Шоҳруҳ
Shuhrat|Шуҳрат Sirojiddin|Сирожиддин Sunnatilla|Суннатилла Temur|Темур Timur|Тимур Toʻlqin|Тўлқин Ulugʻbek|Улуғбек
Umid|Умид Xurshid|Хуршид Yoʻldosh|Йўлдош Yusuf|Юсуф Zafar|Зафар Ziyod|Зиёд`)

/** Surnames of men; women's add -a. */
export const surnames = list(`
Abdullayev|Абдуллаев Abdurahmonov|Абдураҳмонов Ahmedov|Аҳмедов Aliyev|Алиев Asqarov|Асқаров Azimov|Азимов Boboyev|Бобоев
Botirov|Ботиров Ergashev|Эргашев Fayziyev|Файзиев Gʻaniyev|Ғаниев Gʻofurov|Ғофуров Hakimov|Ҳакимов Hamidov|Ҳамидов
Haydarov|Ҳайдаров Ibragimov|Ибрагимов Ismoilov|Исмоилов Jalilov|Жалилов Joʻrayev|Жўраев Karimov|Каримов Komilov|Комилов
Mahmudov|Маҳмудов Mamatov|Маматов Mirzayev|Мирзаев Murodov|Муродов Muxtorov|Мухторов Nazarov|Назаров Normatov|Норматов
Nurmatov|Нурматов Olimov|Олимов Oripov|Орипов Ortiqov|Ортиқов Oʻrinov|Ўринов Qodirov|Қодиров Qoʻchqorov|Қўчқоров
Qosimov|Қосимов Qurbonov|Қурбонов Rahimov|Раҳимов Rahmonov|Раҳмонов Rajabov|Ражабов Ruziyev|Рузиев Saidov|Саидов
Sattorov|Сатторов Shodiyev|Шодиев Sobirov|Собиров Sodiqov|Содиқов Soliyev|Солиев Sultonov|Султонов Tojiboyev|Тожибоев
Toshmatov|Тошматов Toʻrayev|Тўраев Tursunov|Турсунов Umarov|Умаров Usmonov|Усмонов Valiyev|Валиев Xoʻjayev|Хўжаев
Xolmatov|Холматов Yoʻldoshev|Йўлдошев Yunusov|Юнусов Yusupov|Юсупов Zokirov|Зокиров Eshonqulov|Эшонқулов`)

/** Streets, used in every town: the addresses exist nowhere. */
export const streets = [
  'Anhor boʻyi',
  'Bahoriston',
  'Bogʻishamol',
  'Boʻston',
  'Chinorli',
  'Doʻstlik',
  'Fidokor',
  'Gulzor',
  'Hamkorlik',
  'Istiqbol',
  'Lolazor',
  'Mehrigiyo',
  'Mustaqillik',
  'Navbahor',
  'Obod',
  'Oqtepa',
  'Paxtakor',
  'Sadaf',
  'Tinchlik',
  'Umid',
  'Yangi hayot',
  'Yoshlik',
  'Zarafshon',
  'Ziyokor',
]

/** First words of company names. */
export const trades = [
  'Atlas Savdo',
  'Baraka Qurilish',
  'Chinor Mebel',
  'Dala Agro',
  'Gulshan Tekstil',
  'Ipak Yoʻl Servis',
  'Kamalak Bosma',
  'Lochin Transport',
  'Navoiy Nur',
  'Osiyo Dasturlash',
  'Shirin Non',
  'Zilol Suv',
]

/** `Karimova Dilnoza Rustam qizi` and the same in Cyrillic: surname, given name, the father's given name. */
export function fullName(of: { surname: Name; given: Name; father: Name; sex: 'm' | 'f' }): {
  latin: string
  cyrillic: string
} {
  const woman = of.sex === 'f'
  return {
    latin: `${of.surname[0]}${woman ? 'a' : ''} ${of.given[0]} ${of.father[0]} ${woman ? 'qizi' : 'oʻgʻli'}`,
    cyrillic: `${of.surname[1]}${woman ? 'а' : ''} ${of.given[1]} ${of.father[1]} ${woman ? 'қизи' : 'ўғли'}`,
  }
}

/** Finds a name by its Latin spelling; a mistake in a story's table is an assertion. */
export function nameOf(names: readonly Name[], latin: string): Name {
  const found = names.find((name) => name[0] === latin)
  if (!found) throw new Error(`country/names.ts has no name "${latin}"`)
  return found
}
