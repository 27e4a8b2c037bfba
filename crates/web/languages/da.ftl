# Sentences of the portal. Each name stands in all three files.

## The frame around every page
frame-skip = Gå til indholdet
frame-navigation = Hovedmenu
frame-about = Om siden
frame-language = Sprog
frame-log-in = Log ind
frame-log-out = Log ud
way-home = Mit forbrug
way-my-data = Mine data
way-meter-data = Måledata
way-governance = Databeskyttelse
way-privacy = Privatlivspolitik
way-cookies = Cookies

## The first page
front-title = Dine målere, tro mod tiden
front-what = Se dit forbrug af varme, vand og el: i dag, denne måned og år for år, og hvordan det er i sammenligning.
front-activate = Jeg har fået et brev med en kode
front-your-data = Dine data
front-law = Hvad vi gemmer om dig, til hvilket formål og hvor længe, står i privatlivspolitikken. Den samme tekst afgør i programmet, hvem der må se hvad.

## Logging in
log-in-name = E-mailadresse eller brugernavn
log-in-name-help = Beboere: den e-mailadresse, du oplyste, da du begyndte.
log-in-password = Adgangskode
log-in-wrong = Navn og adgangskode passer ikke sammen, eller kontoen er spærret. Tjek begge og prøv igen, eller bed om et nyt brev.
log-in-slowed = Det er forsøgt for mange gange. Vent nogle minutter, og prøv igen.
log-in-second = Et skridt mere
log-in-code = Kode på seks cifre
log-in-code-help = Fra appen på din telefon, eller en af dine gendannelseskoder.
log-in-go-on = Fortsæt
activate-what = Det gør du kun én gang. Bagefter logger du ind med din e-mailadresse og din adgangskode.
activate-code = Koden i brevet
activate-code-help = Bindestreger og små bogstaver er ligegyldige.
activate-name = E-mailadresse
activate-name-help = Du logger ind med den. Den bruges ikke til andet.
activate-password = Ny adgangskode
password-help = Mindst 12 tegn. En sætning, du kan huske, er god.
password-refused = Adgangskoden er for kort, for kendt eller indeholder dit navn. Vælg en længere, som er din egen.
activate-do = Begynd
activate-wrong = Koden gælder ikke, eller den er brugt. Tjek den bogstav for bogstav, eller bed din administrator om et nyt brev.
activate-mistyped = Der er en tastefejl i koden. Sammenlign den med brevet, tegn for tegn.
password-title = Ny adgangskode
password-old = Din hidtidige adgangskode
password-others-end = Andre enheder, hvor du er logget ind, bliver logget ud.
password-change = Skift adgangskode
second-title = Andet trin ved login
second-what = En godkendelsesapp på din telefon viser en kode, som du skriver efter adgangskoden. Opret en ny post i appen med denne nøgle:
second-open = Åbn den i appen på denne enhed
second-confirm = Bekræft
second-wrong = Det er ikke den kode, appen viser nu. Vent på den næste, og skriv den.
second-done = Fra nu af logger du ind i to trin
second-recovery = Skriv koderne ned, og gem dem, hvor du ville gemme en nøgle. Hver af dem lukker dig ind én gang, hvis din telefon er væk. De vises ikke igen.
activate-name-refused = Det er ikke en e-mailadresse, du kan logge ind med. Skriv den som navn@eksempel.dk.

## The resident's consumption
home-title = Mit forbrug
home-today = I dag er det den { $day }.
home-nothing-yet = Der er endnu ikke kommet noget fra dine målere. Det, der kommer i dag, står her i morgen.
home-year = Året { $year }
home-years = År
home-meters = Dine målere
card-this-month = i { $month } indtil nu
card-than-last-month = end de samme dage sidste måned
card-than-last-year = sidste måned, end i samme måned året før
card-last-day = Seneste dag: { $day }, { $amount }.
change-less = { $percent } % mindre
change-same = lige så meget
change-more = { $percent } % mere
meters-what = Måler
meters-room = Rum
meters-where = Hvor
series-back = Alle målere
series-spans = Dag, måned eller år
series-earlier = Tidligere
series-later = Senere
series-nothing = Der er intet fra disse dage.
series-year-before = Året før
span-day = Dag
span-month = Måned
span-year = År

## Charts
chart-table-behind = Tallene står i tabellen nedenfor.
chart-numbers = Tallene
chart-when = Hvornår
chart-quality = Hvordan kendt
quality-measured = målt
quality-estimated = anslået
quality-missing = mangler
quality-calculated = beregnet
commodity-heat = Varme
commodity-heat-allocation = Varme, radiatorer
commodity-cold-water = Koldt vand
commodity-warm-water = Varmt vand
commodity-room-climate = Indeklima
commodity-electricity-consumption = El
commodity-electricity-production = El, produceret
commodity-electricity-exchange = El mellem områder
commodity-unknown = Ukendt måler
weekday-1 = man.
weekday-2 = tir.
weekday-3 = ons.
weekday-4 = tor.
weekday-5 = fre.
weekday-6 = lør.
weekday-7 = søn.
month-1 = januar
month-2 = februar
month-3 = marts
month-4 = april
month-5 = maj
month-6 = juni
month-7 = juli
month-8 = august
month-9 = september
month-10 = oktober
month-11 = november
month-12 = december

## My data
my-data-what = Her står, hvad vi gemmer om dig, hvem der har ansvaret, og hvor længe. Det slettes af sig selv, når tiden er gået.
my-data-held = Noget må ikke slettes lige nu, fordi et retskrav eller en myndighed har brug for det.
my-data-kept = Hvad der gemmes
my-data-purpose = Til hvad
my-data-who = Hvem har ansvaret
my-data-basis = På hvilket grundlag
my-data-until = Indtil
my-data-no-end = så længe du bor der, og noget tid efter
my-data-drawn = Det samme over tid
my-data-drawn-alt = En linje for hvert formål, fra hvornår til hvornår det gemmer data om dig. Tabellen ovenfor siger det samme.

## The account
account-title = Konto
account-actor = Du er
account-roles = Med rollerne
account-devices = Hvor du er logget ind
account-browser = Browser
account-since = Siden
account-seen = Sidst set
account-this = denne

## The meter-data desk
cycle-title = Driftsdøgn
cycle-what = Hvor langt hvert døgn er nået i hvert netområde, det nyeste først.
cycle-nothing = Intet driftsdøgn i et netområde har værdier endnu.
cycle-area = Netområde { $area }
cycle-day = Døgn
cycle-states = Hvor langt
cycle-expected = forventet
cycle-none = intet
cycle-due = Frist
cycle-stands = Status
day-partly = delvist
day-collected = hjemtaget
day-validated = valideret
day-estimated = estimeret
day-released = frigivet
day-released-late = frigivet for sent
day-corrected = rettet
standing-done = færdig
standing-open = åben
standing-alarm = snart frist
standing-late = for sent

## The governance desk
governance-clocks = Frister
governance-subject = En person
subject-what = Hvad der gemmes om én person: til hvilket formål, i hvilken tilstand og hvor længe. At du har spurgt, kommer i loggen, og personen kan se det dér.
subject-reference = Reference
subject-reference-help = Det, stamdata kalder personen, for eksempel et lejernummer. Det er ikke et navn.
subject-show = Vis, hvad der gemmes
subject-another = En anden person
subject-nobody = Der gemmes intet, som du må se, om nogen med denne reference. Sammenlign den tegn for tegn med stamdata.
subject-matter = Om hvad
subject-state = Tilstand
subject-from = Gemt fra
subject-no-end = intet, der er sket, afslutter det
subject-occupancy = Beboelse { $number }
subject-dossier = Sagsmappe { $number }
lease-not-begun = ikke begyndt
lease-live = i kraft
lease-restricted = begrænset
lease-locked = låst
lease-kept = gemt, ikke brugt
lease-ended = ophørt
clocks-running = Hvad der skal gøres
clocks-none = Ingen frist løber.
clocks-over = Gjort
clocks-ends = Slutter efter loven
clocks-at-once = Straks
clocks-case = Sag
clock-running = løber
clock-due = forfalder
clock-overdue = overskredet
clock-done = gjort
clock-done-late = gjort for sent
clock-paused = sat på pause

## Cookies
cookies-what = Siden gemmer to små noter i din browser. Begge er nødvendige for, at den virker.
cookies-name = Navn
cookies-purpose = Til hvad
cookies-until = Indtil
cookies-session = Ved, at du er logget ind. Den siger intet om dig.
cookies-session-until = du logger ud eller lukker browseren
cookies-language = Husker det sprog, du valgte.
cookies-language-until = et år efter dit valg
cookies-no-others = Der er ingen andre, og ingen andre får at vide, at du var her.

## What went wrong
problem-not-found = Siden findes ikke
problem-not-found-do = Tjek adressen, eller begynd på forsiden.
problem-log-in = Log ind først
problem-log-in-do = Du er blevet logget ud, eller du er ikke logget ind endnu.
problem-not-yours = Det har du ikke adgang til
problem-not-yours-do = Dine roller tillader det ikke. Spørg den, der administrerer kontiene, hvis du har brug for det i dit arbejde.
problem-method = Adressen tager ikke imod det
problem-method-do = Gå tilbage, og brug knappen på siden.
problem-conflict = En anden har ændret det
problem-conflict-do = Intet er gået tabt eller gjort. Hent siden igen, se hvad der er ændret, og tag stilling på ny.
problem-too-large = Det er for stort
problem-too-large-do = Send mindre ad gangen.
problem-slow = Det tog for lang tid
problem-slow-do = Vent et øjeblik, se om det er sket, og prøv så igen.
problem-form = Formularen kunne ikke læses
problem-form-do = Gå tilbage, hent siden igen, og send den derfra.
problem-fault = Det gik galt, og det er vores fejl
problem-fault-do = Prøv igen om lidt. Sker det igen, så fortæl os nummeret nedenfor.
problem-rule = Reglen, der afviste:
problem-number = Nummer:
