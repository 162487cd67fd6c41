"""Common short forms of given names. Pure data: full name -> the short forms people sign with.

Everything is written as `names` folds it: lower case, no marks, sigma always as in the middle of a word. A short form may stand under several full names
(`sasha`); two words are related when they stand on one line, so Alexander and Alexandra are not. Spellings of one name
that people keep apart (Catherine, Katherine) have a line each.
"""

from __future__ import annotations

__all__ = ["SHORT_FORMS"]

_LINES = """
abigail: abby abbie gail
abraham: abe bram
adalbert: bert bela
adelheid: heidi
adriana: adri
agnieszka: aga
albert: al bert bertie
alberto: beto berto
alejandra: ale alex sandra
alejandro: ale alex jandro
aleksander: alek alex olek sasha
aleksandr: alex sasha sascha shura
aleksandra: ola alex sasha sandra
alessandro: ale sandro alex
alessandra: ale sandra
alexander: alex al alec sandy sasha sascha xander alek lex
alexandra: alex alexa sandra sandy sasha sascha lexi
alexandre: alex xandre
alexandros: alex alekos
alexei: alyosha lyosha alex
alfonso: poncho fonso
alfred: al alf fred freddie
alfredo: fredo
alison: ali
alistair: al ali
amanda: mandy
amelia: millie amy
anastasia: nastya stacy ana stasia
anastasiya: nastya
andreas: andi andy
andrea: andi
andrei: andy
andrew: andy drew
angela: angie
angelika: geli
anita: ana
anna: ann annie anya nan
anneliese: anne liese
annette: anne
anthony: tony ant
anton: toni tony antosha
antoni: antek
antonia: toni tony
antonin: tonda
antonio: toni tony tonio
antonius: toon ton anton
arthur: art artie
august: gus
augustus: gus
barbara: barb barbie babs basia bara
bartholomew: bart
bartlomiej: bartek
bartosz: bartek
beatrice: bea trixie
beatrix: bea trixie
beatriz: bea
benedict: ben
benedikt: ben bene
benjamin: ben benny benji
bernard: bernie
bernardo: nardo
bernhard: bernd berni
bernadette: bernie
boleslaw: bolek
boris: borya
bradley: brad
brigitte: gitte gitti biggi
bronislaw: bronek
calvin: cal
cameron: cam
carl: charlie
carolina: caro
caroline: caro carrie caz
cassandra: cass cassie sandra
catherine: cath cathy cate cat kate katie kathy kitty
cecilia: ceci celia cilla
charles: charlie chuck chas chaz
charlotte: lotte charlie lottie
christian: chris
christiane: chris
christina: chris chrissy tina christy
christine: chris chrissy tina christy
christoph: chris stoffel
christopher: chris kit topher
claudia: claudi
clement: clem
clifford: cliff
consuelo: chelo
cornelis: cees kees cor
cornelia: conny nelly corrie
cornelius: conny neil
cristina: cris tina
cynthia: cindy
daniel: dan danny dani
daniela: dani
danielle: dani
david: dave davey davy
deborah: deb debbie debs
dennis: denny den
derek: del
diana: di
dietrich: dieter
dmitri: dima mitya
dmitriy: dima mitya
dmitry: dima mitya
dolores: lola
dominic: dom nick
dominik: dom nik
donald: don donnie
dorothea: dora doro thea dorte
dorothy: dot dotty dottie dolly
douglas: doug
eberhard: eb hardi
eduardo: edu lalo
edward: ed eddie eddy ned ted teddy
edwin: ed eddie
edmund: ed eddie
ekaterina: katya katia kate
eleanor: ellie nell nora ella
elena: lena
elisabeth: lisa liesel elsa else betty beth sissi elise lisbeth elli
eliska: ela
elizabeth: liz lizzie lizzy beth betty betsy bess eliza libby lisa elsie
elzbieta: ela
emanuel: manu
emily: em emmy millie
emma: em
enrique: kike quique
erica: ricky
ernest: ernie
ernesto: neto
ernst: erni
eugene: gene
eugenia: zhenya jenny
evgeny: zhenya
evgenia: zhenya
felipe: pipe
ferdinand: ferdi ferdy
fernando: nando fer
filippo: pippo
florence: flo florrie
florian: flo
frances: fran franny frankie
francesca: franca fran
francesco: franco cesco checco ciccio
francis: frank fran frankie
francisca: paca paquita
francisco: paco pancho curro fran kiko xico chico
francois: fanfan
franciszek: franek
frantisek: franta
franz: franzl
franziska: franzi
frederick: fred freddie freddy rick
frederik: fred frits
friedrich: fritz fred
gabriel: gabe gabi
gabriele: gabi gaby
gabriella: gabby ella
gabrielle: gabby elle
geoffrey: geoff jeff
georg: schorsch
george: georgie
georgios: giorgos george
gerald: gerry jerry
gerard: gerry ger
gerardus: gerard ger gerrit
gerhard: gerd gert hardy
gertrud: trudi trude gerti
gertrude: trudy gertie
giovanni: gianni nino vanni
giuseppe: beppe peppe pino
giuseppina: pina pinuccia
gottfried: friedl
gonzalo: gonza
gregor: greg
gregorio: goyo
gregory: greg gregg
grigori: grisha
grzegorz: grzesiek
guadalupe: lupe lupita
guillermo: memo guille
gustavo: gus tavo
gwendolyn: gwen wendy
hannelore: hanne lore
harold: harry hal
harriet: hattie harry
heinrich: heinz heiner heini
helen: nell nellie
helena: lena hela
helene: lene leni
helmut: helmi
hendrik: henk rik henny
hendrikus: henk rik
henry: harry hank hal
herbert: herb bert bertie
hermann: harm
ignacio: nacho
ignatius: iggy
ilya: ilyusha
irina: ira
isabel: isa bel belle
isabella: bella izzy isa belle
isabelle: isa izzy belle
ivan: vanya
jacob: jake coby
jacobus: jaap koos
jacqueline: jackie jacqui
jakub: kuba
james: jim jimmy jamie jem
jan: honza janek jasiek
janet: jan
janice: jan
jaroslav: jarda
jason: jay
jean: jeannot
jeffrey: jeff
jennifer: jen jenny jenna
jeremy: jem jerry
jerome: jerry
jerzy: jurek
jesus: chuy chucho
jessica: jess jessie
jiri: jirka
joachim: jochen achim jo
joan: joanie
joanna: jo joanie asia
joao: joaozinho
johan: jo
johann: hans hansi hannes jo
johanna: hanna hanne jo
johannes: hans hansi hannes johan jan joop
john: johnny jon jack jock
jonathan: jon jonny nathan
jorge: coque
jorgen: jorn
jose: pepe chepe pepito
josef: sepp pepa jupp
josefa: pepa
josefina: josie fina
joseph: joe joey jo jos
josephine: jo josie josy
joshua: josh
jozef: jozek
judith: judy judi
julia: jule jules julie
julian: jules
juliane: jule
jurgen: jogi
justyna: justa
karl: kalle charly
karolina: karo
katarina: kata katka
katarzyna: kasia
katerina: katka katya
katharina: kathi kati kathe katja trina
katharine: kate katie kathy
katherine: kate katie kathy kath kat kit kitty katy
kathleen: kathy kath kate katie kay
kathryn: kate katie kathy kath kat
kenneth: ken kenny
kevin: kev
khristina: kristya
klara: klari
klaus: nick
konstantin: kostya konni
konstantinos: kostas costas dinos
kristen: kris
kristin: kris
kristina: kris tina
krzysztof: krzysiek
ksenia: ksyusha
lars: lasse
lawrence: larry laurie
leonard: leo len lenny
leonardo: leo
leonhard: leo hardy
leopold: leo poldi
leslie: les
lilian: lil lily
lillian: lil lily
linda: lin
lorenzo: renzo enzo
louis: lou louie
louise: lou
lucia: lucy
lucille: lucy
ludmila: lyuda mila lida
ludwig: lutz lou wiggerl
luigi: gigi gino
luis: lucho
luisa: lu
lyubov: lyuba
madeleine: maddie maddy
madeline: maddie maddy
magdalena: magda lena leni malena
magdalene: magda lena leni
malcolm: mal
malgorzata: gosia
manfred: manni fred
manuel: manolo manu lolo
manuela: manu
margaret: maggie meg peggy marge margie greta madge daisy
margareta: greta
margarete: grete gretel greta
margarita: rita marga
margherita: rita
maria: mia mitzi mariechen ria
mariana: mari
martha: marty
martin: marty
martina: tina
maryam: mary
mary: molly polly mae
mateusz: mati
matilda: tilly tilda
matthaus: matz
matthew: matt matty
matthias: matze matz mathis hias
maureen: mo
maurice: mo
maxim: max
maximilian: max maxi maxl
maxwell: max
melanie: mel
melissa: mel missy lissa
mercedes: merche
michael: mike mick micky mickey mikey michi mischa
michaela: michi
michal: misa
michel: mich
michelle: shelly mich
mikhail: misha
miguel: migue
mildred: millie
milagros: mili
miriam: mim
miroslav: mirek
mitchell: mitch
mohamed: mo med
mohammad: mo
mohammed: mo
muhammad: mo
monica: moni
monika: moni
montserrat: montse
nadezhda: nadya
nancy: nan
natalia: natasha nat nata
natalie: nat
natalya: natasha nata
nathan: nat nate
nathaniel: nat nate nathan
nicholas: nick nicky nico klaus
nicolas: nico nick
nicola: nicky nikki
nicole: nicky nikki nic
nikolai: kolya
nikolaj: klaus niko
nikolaos: nikos
nikolaus: nik niko klaus nikki
nikolay: kolya
norbert: norb bert
norman: norm
octavia: tavia
oleg: olezhka
olga: olya
oliver: ollie olli
olivia: liv livvy
oscar: ozzie
oswald: oz ozzie
pamela: pam
panagiotis: panos takis
pascal: pasci
patricia: pat patty tricia trish patsy
patrick: pat paddy rick
paula: pauli
pauline: polly
pavel: pasha
penelope: penny
percival: percy
peter: pete piet
petra: peti
petrus: piet peer
philip: phil pip
philipp: phil
phillip: phil
pilar: pili
piotr: piotrek
priscilla: cilla
prudence: pru
przemyslaw: przemek
rachel: rae
radoslaw: radek
rafael: rafa rafi
raimund: mundi
raphael: raf rafi
raymond: ray
raymundo: ray
rebecca: becky becca bex
refugio: cuco
reginald: reg reggie
reinhard: reini hardy
reinhold: holdi
renate: nate reni
ricardo: rico ricky
riccardo: ricky rico
richard: rick rich dick ricky richie ritchie
robert: bob bobby rob robbie robby bert robin
roberta: bobbie robbie
roberto: beto tito robi berto
rodolfo: fito rodo
roderick: rod rick
rodney: rod
roger: rodge
roland: rolli rollo
ronald: ron ronnie
rosalind: roz ros
rosario: charo
rosemarie: rosi romy
rosemary: rosie rose
rudiger: rudi
rudolf: rudi rolf
rudolph: rudy
rupert: rupi
russell: russ
salvador: chava salva
salvatore: toto turi sal
samantha: sam sammy
samuel: sam sammy
sandra: sandy
santiago: santi yago
sarah: sally sadie
scott: scottie
sebastian: seb basti bastian
sebastien: seb
sergei: seryozha serge
sergey: seryozha serge
sergio: checo
sharon: shaz
siegfried: sigi siggi
sigmund: sigi siggi
silvester: sly
simon: si
sofia: sofi
soledad: sole
sophia: sophie
sophie: soph
spyridon: spyros
stanislav: stanik slava standa
stanislaw: staszek stas
stefan: steff
stefanie: steffi
stephan: steff
stephanie: steph steffi stevie
stephen: steve stevie
steven: steve stevie
stewart: stew
stuart: stu
susan: sue susie suzy
susanna: sue susie sanna
susanne: susi sanne
suzanne: sue suzy
sveta: svetka
svetlana: sveta lana
svyatoslav: slava
sylvester: sly
tadeusz: tadek
tamara: tammy toma
tatiana: tanya tania
tatyana: tanya
teodor: teo
teresa: tere tess terry
terence: terry tel
thaddeus: thad tad
theodor: theo
theodore: ted theo teddy
theodorus: theo dirk dick
theresa: terry tess tessa resi
therese: resi
thomas: tom tommy
timothy: tim timmy
timotheus: tim
tobias: tobi toby
tomasz: tomek
trinidad: trini
ulrich: uli ulli
ulrike: uli ulli rike
urszula: ula
ursula: uschi ursel ulla
vaclav: vasek
valentina: valya
valeria: lera vale
valerie: val
vasily: vasya
vasilios: vassilis bill
veronica: vero ronnie
veronika: vroni
victor: vic
victoria: vicky vicki vikki tori
viktor: vitya
vincent: vince vinnie vin
vincenzo: enzo vince
violet: vi
virginia: ginny
vladimir: vova volodya vlad
vladislav: vlad slava
vsevolod: seva
vyacheslav: slava
walter: walt wally walti
wenzel: wenz
wilfried: willi fred
wilhelm: willi willy wim
wilhelmina: mina wilma minnie
wilhelmus: wim willem
willem: wim
william: bill billy will willy willie liam
winifred: win winnie freda
winston: win
wlodzimierz: wlodek
wojciech: wojtek
wolfgang: wolf wolfi
yekaterina: katya
yelena: lena
yevgeny: zhenya
yuri: yura
zachary: zach zack zac
zbigniew: zbyszek
zdenek: zdenda
александр: саша шура саня алекс
александра: саша шура
алексей: леша алеша
анастасия: настя
анатолии: толя
анатолий: толя
андрей: андрюша
анна: аня
борис: боря
василий: вася
виктор: витя
виктория: вика
владимир: вова володя влад
владислав: влад слава
вячеслав: слава
галина: галя
григорий: гриша
дарья: даша
дмитрий: дима митя
евгений: женя
евгения: женя
екатерина: катя
елена: лена
елизавета: лиза
иван: ваня
ирина: ира
константин: костя
ксения: ксюша
людмила: люда мила
любовь: люба
мария: маша
михаил: миша
надежда: надя
наталия: наташа ната
наталья: наташа ната
николай: коля
ольга: оля
павел: паша
петр: петя
светлана: света
сергей: сережа
софия: соня
софья: соня
станислав: стас слава
татьяна: таня
юлия: юля
юрий: юра
αλεξανδροσ: αλεκοσ
αικατερινη: κατερινα
γεωργιοσ: γιωργοσ
δημητριοσ: δημητρησ μητσοσ
ελενη: λενα
ιωαννησ: γιαννησ
κωνσταντινοσ: κωστασ ντινοσ
νικολαοσ: νικοσ
παναγιωτησ: πανοσ τακησ
"""

SHORT_FORMS: dict[str, tuple[str, ...]] = {
    full: tuple(short.split()) for full, short in (line.split(": ") for line in _LINES.strip().splitlines())
}
"""Full given name -> its common short forms, all folded as `names` folds words."""
