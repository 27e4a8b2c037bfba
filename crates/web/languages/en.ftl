# Sentences of the portal. Each name stands in all three files.

## The frame around every page
frame-skip = Skip to the content
frame-navigation = Main
frame-about = About this site
frame-language = Language
frame-log-in = Log in
frame-log-out = Log out
way-home = My consumption
way-my-data = My data
way-meter-data = Meter data
way-governance = Data protection
way-privacy = Privacy notice
way-cookies = Cookies

## The first page
front-title = Your meters, true to time
front-what = See what you use of heat, water and electricity: today, this month and year by year, and how it compares.
front-activate = I have a letter with a code
front-your-data = Your data
front-law = What is kept of you, for which purpose and until when stands in the privacy notice. The same text decides in the program who may see what.

## Logging in
log-in-name = E-mail address or user name
log-in-name-help = Residents: the e-mail address you gave when you began.
log-in-password = Password
log-in-wrong = Name and password do not fit together, or the account is locked. Check both and try again, or ask for a new letter.
log-in-slowed = That was tried too often. Wait some minutes, then try again.
log-in-second = One more step
log-in-code = Code of six digits
log-in-code-help = From the app on your telephone, or one of your recovery codes.
log-in-go-on = Go on
activate-what = You only do this once. Afterwards you log in with your e-mail address and your password.
activate-code = Code in the letter
activate-code-help = Dashes and small letters do not matter.
activate-name = E-mail address
activate-name-help = You will log in with it. It is used for nothing else.
activate-password = New password
password-help = At least 12 characters. A sentence you remember is a good one.
password-refused = This password is too short, too well known, or holds your name. Choose a longer one of your own.
activate-do = Begin
activate-wrong = This code is not valid, or was used already. Check it letter by letter, or ask your administrator for a new letter.
activate-mistyped = There is a slip in the code. Compare it with the letter, character by character.
password-title = New password
password-old = Your password until now
password-others-end = Other devices on which you are logged in are logged out.
password-change = Change the password
second-title = Second step of logging in
second-what = An authenticator app on your telephone shows a code that you type after your password. Add a new entry there, with this key:
second-open = Open it in the app on this device
second-confirm = Confirm
second-wrong = This is not the code the app shows now. Wait for the next one and type it.
second-done = From now on you log in in two steps
second-recovery = Write these codes down and keep them where you would keep a key. Each gets you in once if your telephone is lost. They are not shown again.
activate-name-refused = This is not an e-mail address you can log in with. Write it as name@example.org.

## The resident's consumption
home-title = My consumption
home-today = Today is { $day }.
home-nothing-yet = Nothing has come from your meters yet. What comes today is here tomorrow.
home-year = The year { $year }
home-years = Years
home-meters = Your meters
card-this-month = in { $month } until now
card-than-last-month = than on the same days last month
card-than-last-year = last month, than in the same month a year before
card-last-day = Last day: { $day }, { $amount }.
change-less = { $percent } % less
change-same = as much
change-more = { $percent } % more
meters-what = Meter
meters-room = Room
meters-where = Where
series-back = All meters
series-spans = Day, month or year
series-earlier = Earlier
series-later = Later
series-nothing = Nothing is known of these days.
series-year-before = A year before
span-day = Day
span-month = Month
span-year = Year

## Charts
chart-table-behind = The numbers stand in the table below.
chart-numbers = The numbers
chart-when = When
chart-quality = How known
quality-measured = measured
quality-estimated = estimated
quality-missing = missing
quality-calculated = calculated
commodity-heat = Heat
commodity-heat-allocation = Heat, radiators
commodity-cold-water = Cold water
commodity-warm-water = Warm water
commodity-room-climate = Room climate
commodity-electricity-consumption = Electricity
commodity-electricity-production = Electricity, produced
commodity-electricity-exchange = Electricity between areas
commodity-unknown = Unknown meter
weekday-1 = Mon
weekday-2 = Tue
weekday-3 = Wed
weekday-4 = Thu
weekday-5 = Fri
weekday-6 = Sat
weekday-7 = Sun
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

## My data
my-data-what = This is what is kept of you, who answers for it and until when. It goes by itself when its time is over.
my-data-held = Something may not be erased for now, because a legal claim or an authority needs it.
my-data-kept = What is kept
my-data-purpose = For what
my-data-who = Who answers for it
my-data-basis = On what basis
my-data-until = Until
my-data-no-end = as long as you live there, and some time after
my-data-drawn = The same over time
my-data-drawn-alt = One line for each purpose, from when to when it keeps data of you. The table above says the same.

## The account
account-title = Account
account-actor = You are
account-roles = With the roles
account-devices = Where you are logged in
account-browser = Browser
account-since = Since
account-seen = Last seen
account-this = this one

## The meter-data desk
cycle-title = Operating days
cycle-what = How far each day has come in each grid area, the newest first.
cycle-nothing = No operating day of a grid area has values yet.
cycle-area = Grid area { $area }
cycle-day = Day
cycle-states = How far
cycle-expected = expected
cycle-none = nothing
cycle-due = Due
cycle-stands = Stands
day-partly = partly
day-collected = collected
day-validated = validated
day-estimated = estimated
day-released = released
day-released-late = released late
day-corrected = corrected
standing-done = done
standing-open = open
standing-alarm = due soon
standing-late = late

## The governance desk
governance-clocks = Clocks
governance-subject = One person
subject-what = What is kept of one person: by which purpose, in which state and until when. That you asked goes into the log, and the person can see it there.
subject-reference = Reference
subject-reference-help = What master data call the person, such as the number of a tenant. It is not a name.
subject-show = Show what is kept
subject-another = Somebody else
subject-nobody = Nothing is kept that you may see of somebody with this reference. Compare it with the master data, character by character.
subject-matter = Of what
subject-state = State
subject-from = Kept from
subject-no-end = nothing that happened ends it
subject-occupancy = Occupancy { $number }
subject-dossier = Dossier { $number }
lease-not-begun = not begun
lease-live = live
lease-restricted = restricted
lease-locked = locked
lease-kept = kept, not used
lease-ended = ended
clocks-running = What is due
clocks-none = No clock runs.
clocks-over = Done
clocks-ends = Ends by law
clocks-at-once = At once
clocks-case = Case
clock-running = running
clock-due = due
clock-overdue = overdue
clock-done = done
clock-done-late = done late
clock-paused = paused

## Cookies
cookies-what = This site keeps two small notes in your browser, both needed for it to work.
cookies-name = Name
cookies-purpose = What for
cookies-until = Until
cookies-session = Knows that you are logged in. It says nothing about you.
cookies-session-until = you log out or close the browser
cookies-language = Remembers the language you chose.
cookies-language-until = a year after you chose
cookies-no-others = There are no others, and nobody else is told that you were here.

## What went wrong
problem-not-found = There is no such page
problem-not-found-do = Check the address, or begin at the first page.
problem-log-in = Log in first
problem-log-in-do = Your session has ended, or you have not logged in yet.
problem-not-yours = This is not open to you
problem-not-yours-do = Your roles do not allow it. Ask whoever administers the accounts if you need it for your work.
problem-method = This address does not take that
problem-method-do = Go back and use the button of the page.
problem-conflict = Somebody else changed this
problem-conflict-do = Nothing of yours was lost or done. Load the page again, look at what changed, then decide anew.
problem-too-large = That is too large
problem-too-large-do = Send less at once.
problem-slow = That took too long
problem-slow-do = Wait a moment, look whether it happened, then try again.
problem-form = The form could not be read
problem-form-do = Go back, load the page again and send it from there.
problem-fault = That did not work, and it is our fault
problem-fault-do = Try again in a moment. If it happens again, tell us the number below.
problem-rule = The rule that refused:
problem-number = Number:
