# Sentences of the portal. Each name stands in all three files.

## The frame around every page
frame-skip = Zum Inhalt springen
frame-navigation = Hauptmenü
frame-about = Über diese Seite
frame-language = Sprache
frame-log-in = Anmelden
frame-log-out = Abmelden
way-home = Mein Verbrauch
way-my-data = Meine Daten
way-meter-data = Messdaten
way-governance = Datenschutz
way-privacy = Datenschutzhinweise
way-cookies = Cookies

## The first page
front-title = Ihre Zähler, der Zeit treu
front-what = Sehen Sie, was Sie an Wärme, Wasser und Strom verbrauchen: heute, in diesem Monat und Jahr für Jahr, und im Vergleich.
front-activate = Ich habe einen Brief mit einem Code
front-your-data = Ihre Daten
front-law = Was über Sie gespeichert wird, wofür und bis wann, steht in den Datenschutzhinweisen. Derselbe Text entscheidet im Programm, wer was sehen darf.

## Logging in
log-in-name = E-Mail-Adresse oder Benutzername
log-in-name-help = Bewohner: die E-Mail-Adresse, die Sie zu Beginn angegeben haben.
log-in-password = Passwort
log-in-wrong = Name und Passwort passen nicht zusammen, oder das Konto ist gesperrt. Prüfen Sie beides und versuchen Sie es noch einmal, oder bitten Sie um einen neuen Brief.
log-in-slowed = Das wurde zu oft versucht. Warten Sie einige Minuten und versuchen Sie es dann noch einmal.
log-in-second = Noch ein Schritt
log-in-code = Code mit sechs Ziffern
log-in-code-help = Aus der App auf Ihrem Telefon, oder einer Ihrer Wiederherstellungscodes.
log-in-go-on = Weiter
activate-what = Das tun Sie nur einmal. Danach melden Sie sich mit Ihrer E-Mail-Adresse und Ihrem Passwort an.
activate-code = Code im Brief
activate-code-help = Striche und Kleinschreibung sind gleichgültig.
activate-name = E-Mail-Adresse
activate-name-help = Sie melden sich damit an. Sie wird für nichts anderes verwendet.
activate-password = Neues Passwort
password-help = Mindestens 12 Zeichen. Ein Satz, den Sie sich merken, ist gut.
password-refused = Dieses Passwort ist zu kurz, zu bekannt oder enthält Ihren Namen. Wählen Sie ein längeres eigenes.
activate-do = Beginnen
activate-wrong = Dieser Code gilt nicht oder wurde schon benutzt. Prüfen Sie ihn Zeichen für Zeichen, oder bitten Sie Ihre Verwaltung um einen neuen Brief.
activate-mistyped = Im Code ist ein Tippfehler. Vergleichen Sie ihn Zeichen für Zeichen mit dem Brief.
password-title = Neues Passwort
password-old = Ihr bisheriges Passwort
password-others-end = Andere Geräte, auf denen Sie angemeldet sind, werden abgemeldet.
password-change = Passwort ändern
second-title = Zweiter Schritt der Anmeldung
second-what = Eine Authentifizierungs-App auf Ihrem Telefon zeigt einen Code, den Sie nach dem Passwort eingeben. Legen Sie dort einen neuen Eintrag mit diesem Schlüssel an:
second-open = In der App auf diesem Gerät öffnen
second-confirm = Bestätigen
second-wrong = Das ist nicht der Code, den die App jetzt zeigt. Warten Sie auf den nächsten und geben Sie ihn ein.
second-done = Ab jetzt melden Sie sich in zwei Schritten an
second-recovery = Schreiben Sie diese Codes auf und bewahren Sie sie auf wie einen Schlüssel. Jeder lässt Sie einmal hinein, wenn Ihr Telefon fort ist. Sie werden nicht wieder gezeigt.
activate-name-refused = Mit dieser E-Mail-Adresse können Sie sich nicht anmelden. Schreiben Sie sie als name@beispiel.de.

## The resident's consumption
home-title = Mein Verbrauch
home-today = Heute ist der { $day }.
home-nothing-yet = Von Ihren Zählern ist noch nichts gekommen. Was heute kommt, steht morgen hier.
home-year = Das Jahr { $year }
home-years = Jahre
home-meters = Ihre Zähler
card-this-month = im { $month } bis jetzt
card-than-last-month = als an denselben Tagen im Vormonat
card-than-last-year = im letzten Monat als im selben Monat des Vorjahrs
card-last-day = Letzter Tag: { $day }, { $amount }.
change-less = { $percent } % weniger
change-same = gleich viel
change-more = { $percent } % mehr
meters-what = Zähler
meters-room = Raum
meters-where = Wo
series-back = Alle Zähler
series-spans = Tag, Monat oder Jahr
series-earlier = Früher
series-later = Später
series-nothing = Von diesen Tagen ist nichts bekannt.
series-year-before = Ein Jahr davor
span-day = Tag
span-month = Monat
span-year = Jahr

## Charts
chart-table-behind = Die Zahlen stehen in der Tabelle darunter.
chart-numbers = Die Zahlen
chart-when = Wann
chart-quality = Woher bekannt
quality-measured = gemessen
quality-estimated = geschätzt
quality-missing = fehlt
quality-calculated = berechnet
commodity-heat = Wärme
commodity-heat-allocation = Wärme, Heizkörper
commodity-cold-water = Kaltwasser
commodity-warm-water = Warmwasser
commodity-room-climate = Raumklima
commodity-electricity-consumption = Strom
commodity-electricity-production = Strom, erzeugt
commodity-electricity-exchange = Strom zwischen Gebieten
commodity-unknown = Unbekannter Zähler
weekday-1 = Mo
weekday-2 = Di
weekday-3 = Mi
weekday-4 = Do
weekday-5 = Fr
weekday-6 = Sa
weekday-7 = So
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember

## My data
my-data-what = Hier steht, was über Sie gespeichert ist, wer dafür verantwortlich ist und bis wann. Es wird von selbst gelöscht, wenn die Zeit um ist.
my-data-held = Etwas darf zurzeit nicht gelöscht werden, weil ein Rechtsanspruch oder eine Behörde es braucht.
my-data-kept = Was gespeichert ist
my-data-purpose = Wofür
my-data-who = Wer verantwortlich ist
my-data-basis = Auf welcher Grundlage
my-data-until = Bis
my-data-no-end = solange Sie dort wohnen, und einige Zeit danach
my-data-drawn = Dasselbe über die Zeit
my-data-drawn-alt = Eine Zeile für jeden Zweck, von wann bis wann er Daten über Sie hält. Die Tabelle darüber sagt dasselbe.

## The account
account-title = Konto
account-actor = Sie sind
account-roles = Mit den Rollen
account-devices = Wo Sie angemeldet sind
account-browser = Browser
account-since = Seit
account-seen = Zuletzt gesehen
account-this = dieses

## The meter-data desk
cycle-title = Betriebstage
cycle-what = Wie weit jeder Tag in jedem Netzgebiet ist, der neueste zuerst.
cycle-nothing = Noch kein Betriebstag eines Netzgebiets hat Werte.
cycle-area = Netzgebiet { $area }
cycle-day = Tag
cycle-states = Wie weit
cycle-expected = erwartet
cycle-none = nichts
cycle-due = Frist
cycle-stands = Stand
day-partly = teilweise
day-collected = erhoben
day-validated = geprüft
day-estimated = geschätzt
day-released = freigegeben
day-released-late = spät freigegeben
day-corrected = berichtigt
standing-done = fertig
standing-open = offen
standing-alarm = bald fällig
standing-late = zu spät

## The governance desk
governance-clocks = Fristen
governance-subject = Eine Person
subject-what = Was über eine Person gespeichert ist: für welchen Zweck, in welchem Zustand und bis wann. Dass Sie gefragt haben, kommt ins Protokoll, und die Person kann es dort sehen.
subject-reference = Referenz
subject-reference-help = Wie die Stammdaten die Person nennen, etwa eine Mieternummer. Es ist kein Name.
subject-show = Zeigen, was gespeichert ist
subject-another = Eine andere Person
subject-nobody = Über jemanden mit dieser Referenz ist nichts gespeichert, was Sie sehen dürfen. Vergleichen Sie sie Zeichen für Zeichen mit den Stammdaten.
subject-matter = Worüber
subject-state = Zustand
subject-from = Gespeichert ab
subject-no-end = nichts Geschehenes beendet es
subject-occupancy = Wohnzeit { $number }
subject-dossier = Akte { $number }
lease-not-begun = nicht begonnen
lease-live = in Kraft
lease-restricted = eingeschränkt
lease-locked = gesperrt
lease-kept = aufbewahrt, nicht genutzt
lease-ended = beendet
clocks-running = Was zu tun ist
clocks-none = Keine Frist läuft.
clocks-over = Erledigt
clocks-ends = Endet nach dem Gesetz
clocks-at-once = Sofort
clocks-case = Fall
clock-running = läuft
clock-due = fällig
clock-overdue = überschritten
clock-done = erledigt
clock-done-late = zu spät erledigt
clock-paused = angehalten

## Cookies
cookies-what = Diese Seite legt zwei kleine Notizen in Ihrem Browser ab. Beide braucht sie, um zu funktionieren.
cookies-name = Name
cookies-purpose = Wofür
cookies-until = Bis
cookies-session = Weiß, dass Sie angemeldet sind. Sie sagt nichts über Sie.
cookies-session-until = Sie sich abmelden oder den Browser schließen
cookies-language = Merkt sich die Sprache, die Sie gewählt haben.
cookies-language-until = ein Jahr nach Ihrer Wahl
cookies-no-others = Andere gibt es nicht, und niemand sonst erfährt, dass Sie hier waren.

## What went wrong
problem-not-found = Diese Seite gibt es nicht
problem-not-found-do = Prüfen Sie die Adresse, oder beginnen Sie auf der ersten Seite.
problem-log-in = Melden Sie sich zuerst an
problem-log-in-do = Ihre Sitzung ist beendet, oder Sie haben sich noch nicht angemeldet.
problem-not-yours = Das steht Ihnen nicht offen
problem-not-yours-do = Ihre Rollen erlauben es nicht. Fragen Sie die Kontenverwaltung, wenn Sie es für Ihre Arbeit brauchen.
problem-method = Diese Adresse nimmt das nicht an
problem-method-do = Gehen Sie zurück und benutzen Sie die Schaltfläche der Seite.
problem-conflict = Jemand anders hat das geändert
problem-conflict-do = Nichts ist verloren oder geschehen. Laden Sie die Seite neu, sehen Sie, was sich geändert hat, und entscheiden Sie neu.
problem-too-large = Das ist zu groß
problem-too-large-do = Senden Sie weniger auf einmal.
problem-slow = Das hat zu lange gedauert
problem-slow-do = Warten Sie einen Moment, sehen Sie nach, ob es geschehen ist, und versuchen Sie es dann noch einmal.
problem-form = Das Formular konnte nicht gelesen werden
problem-form-do = Gehen Sie zurück, laden Sie die Seite neu und senden Sie es von dort.
problem-fault = Das ging schief, und es liegt an uns
problem-fault-do = Versuchen Sie es gleich noch einmal. Geschieht es wieder, sagen Sie uns die Nummer unten.
problem-rule = Die Regel, die abgelehnt hat:
problem-number = Nummer:
