"""The word lists and templates of `make_topics.py`, written for this project.

Many words stand in several lists on purpose: points, record, board, bench, class, race, campaign, term, bill, draft,
coach, share, return, degree, bond, chair, transfer, defence, cut, rate, goal … mean something else on each page.
"""

from __future__ import annotations

from grammar import lines

SHARED = {
    "when": lines("""
        yesterday, on Monday, this morning, last week, late on Friday, at the weekend, in the end, after months of waiting,
        earlier than expected, for the second time, in March, overnight, before lunch, as the year closed, on the last day
    """),
    "how": lines("""
        modest, unexpected, difficult, long awaited, narrow, costly, bold, quiet, disputed, surprising, early, late, rare,
        remarkable, cautious, painful, popular, unusual, honest, strange
    """),
    "said": lines("""
        said, admitted, announced, insisted, repeated, denied, suggested, hinted, complained, confirmed, claimed
    """),
    "felt": lines("relieved, angry, proud, worried, confident, disappointed, calm, puzzled, grateful, tired, hopeful"),
    "crowd": lines("""
        everyone, nobody in town, half the country, the newspapers, a small crowd, older people, the neighbours,
        our readers, the whole region, many families
    """),
    "common_thing": lines("""
        the record, the final score, the board, the draft, the campaign, the result, the plan, the bill, the transfer,
        the pass, the return, the chair, the review, the race, the cut, the line, the figures, the agreement, the signing
    """),
    "common_person": lines("""
        the chair, a spokesman, the director, an old friend, the newcomer, the board, the coach, the leader, the veteran,
        the young woman in the front row, the man with the microphone
    """),
    "mood": lines("""
        it was a matter of time, nothing would be the same, the worst was over, there were lessons to learn,
        the numbers spoke for themselves, luck had played its part, patience would pay, the pressure was too much,
        there was still a long way to go, the critics had been wrong
    """),
}

TOPICS: dict[str, dict[str, list[str]]] = {
    "Education": {
        "person": lines("""
            the teacher, a student, the headteacher, a pupil, the professor, a lecturer, the principal, a tutor,
            the school librarian, a graduate, the dean, an examiner, a trainee teacher, the class teacher, a freshman,
            the chemistry teacher, a doctoral candidate, the school nurse, an apprentice, the debating coach,
            a teaching assistant, the music teacher, the registrar, a scholar, the caretaker
        """),
        "group": lines("""
            the school, the university, the school board, the class, the college, the faculty, the kindergarten,
            the exam board, the parents council, the department of history, the night school, the student union,
            the boarding school, the academy, the library, the maths department, the primary school, the village school
        """),
        "thing": lines("""
            the curriculum, the exam, the homework, the new timetable, the degree course, the scholarship, the lesson plan,
            the reading scheme, the thesis, the entrance test, the final exam paper, the spelling test, the field trip,
            the tuition fees, the lecture on photosynthesis, the grammar lesson, the textbook, the science fair,
            the report card, the summer school, the essay, the laboratory, the seminar, the research grant, the dictation,
            the school uniform, the algebra course, the diploma, the laptops for the classroom, the exchange year,
            the term paper, the honours programme, the geography quiz, the mock exam, the literacy project, the campus bus
        """),
        "subject": lines("""
            exam results, tuition fees, classroom sizes, homework, reading skills, teacher training, school meals,
            university places, language lessons, school inspections, maths lessons, student housing, apprenticeships,
            scholarships, school holidays, distance learning, handwriting, bullying in the playground, lecture notes
        """),
        "did": lines("""
            passed {thing}, marked two hundred essays, failed the exam, taught the class outdoors, handed in {thing},
            enrolled at a college, studied for {thing}, graduated with honours, revised {thing}, explained fractions,
            learnt Latin verbs, skipped a grade, borrowed books for {thing}, wrote a dissertation, repeated the year,
            gave a lecture, praised the pupils, set more homework, coached the quiz team, corrected the spelling
        """),
        "place": lines("""
            in the classroom, on the campus, in the lecture hall, at the primary school, in the school library,
            in the assembly hall, at the college, in the laboratory, on the school bench, in the staff room, in the playground
        """),
    },
    "Finance": {
        "person": lines("""
            the banker, an investor, the trader, the chief executive, an economist, the fund manager, the broker,
            a shareholder, the accountant, the auditor, an analyst, the treasurer, a lender, the central banker,
            the insurer, a borrower, the bond dealer, the start-up founder, the tax adviser, the loan officer,
            a currency trader, the pension trustee, the actuary, the underwriter, the liquidator
        """),
        "group": lines("""
            the bank, the company, the stock exchange, the central bank, the board of directors, the hedge fund,
            the insurer, the pension fund, the start-up, the credit union, the brokerage, the rating agency,
            the car maker, the savings bank, the auditors, the mining group, the investment trust, the merchant bank
        """),
        "thing": lines("""
            the shares, the interest rate, the loan, the quarterly profit, the mortgage, the bond, the takeover bid,
            the dividend, the share price, the balance sheet, the credit line, the exchange rate, the merger,
            the pension scheme, the bankruptcy filing, the savings account, the hedge, the stock split, the invoice,
            the annual accounts, the insurance policy, the venture capital, the debt, the private placement,
            the profit warning, the public offering, the broker's fee, the overdraft, the futures contract, the portfolio,
            the cash flow, the write-down, the currency swap, the copper price, the collateral, the yield curve
        """),
        "subject": lines("""
            interest rates, share prices, bank charges, inflation, mortgages, the price of oil, quarterly earnings,
            pension funds, government bonds, the exchange rate, mergers, dividends, consumer credit, bad loans,
            cash reserves, start-up funding, insurance premiums, gold, commodity prices, insolvencies
        """),
        "did": lines("""
            bought {thing}, sold shares at a loss, raised the interest rate, refinanced {thing}, invested in bonds,
            lent money to a start-up, cut the dividend, went bankrupt, reported a profit, audited {thing},
            opened a savings account, speculated on gold, paid back the loan, hedged {thing}, lost millions on the market,
            priced {thing}, wrote off the debt, borrowed against the house, banked a bonus, traded currencies
        """),
        "place": lines("""
            on the trading floor, at the bank, on the stock market, in the boardroom, at the annual general meeting,
            on the bond market, at the branch office, in the accounts department, on the exchange, in the dealing room
        """),
    },
    "Politics": {
        "person": lines("""
            the minister, the president, a senator, the prime minister, the mayor, an opposition leader, the candidate,
            the governor, a deputy, the foreign secretary, a party member, the ambassador, the chancellor, a campaigner,
            the speaker of the house, a lobbyist, the party whip, the backbencher, an election observer, the diplomat,
            the councillor, the envoy, the press secretary, the incumbent, the returning officer
        """),
        "group": lines("""
            the government, parliament, the party, the senate, the opposition, the cabinet, the city council, the coalition,
            the foreign ministry, the committee, the supreme court, the electoral commission, the lower house,
            the trade union, the campaign team, the embassy, the Greens, the ruling party
        """),
        "thing": lines("""
            the law, the election, the budget, the treaty, the reform, the vote, the amendment, the tax bill,
            the coalition agreement, the veto, the draft constitution, the referendum, the manifesto, the ballot,
            the peace talks, the border dispute, the asylum law, the no-confidence motion, the census, the sanctions,
            the cabinet reshuffle, the summit, the resolution, the speech to the nation, the seat, the by-election,
            the petition, the defence spending, the majority, the party conference, the curfew, the electoral roll,
            the ceasefire, the redrawn constituency, the oath of office, the filibuster
        """),
        "subject": lines("""
            the election, tax reform, immigration, foreign policy, the coalition, party donations, corruption,
            human rights, the constitution, defence spending, peace talks, voter turnout, lobbying, border controls,
            the referendum, climate laws, sanctions, local government, the opinion polls, civil rights
        """),
        "did": lines("""
            voted for {thing}, resigned from the cabinet, signed the treaty, vetoed {thing}, won the election,
            lost the majority, debated {thing}, campaigned in the north, called a referendum, formed a coalition,
            attacked the government, drafted {thing}, addressed parliament, ran for office, defended {thing},
            crossed the floor, appointed a minister, blocked the bill, lobbied for {thing}, recalled the ambassador
        """),
        "place": lines("""
            in parliament, at the ministry, in the capital, on the campaign trail, at the polling station, in the senate,
            at the summit, on the back benches, at the party conference, outside the embassy, in the council chamber
        """),
    },
    "Sports": {
        "person": lines("""
            the striker, the coach, a goalkeeper, the champion, the referee, a defender, the sprinter, the captain,
            a midfielder, the tennis player, the manager of the team, a swimmer, the cyclist, the boxer, a rookie,
            the substitute, the gymnast, the marathon runner, the skier, an umpire, the point guard, a rower,
            the racing driver, the fly half, the javelin thrower
        """),
        "group": lines("""
            the team, the club, the league, the home side, the national team, the squad, the visitors, the fans,
            the youth team, the football association, the relay team, the champions, the reserves, the rowing club,
            the defence, the hockey side, the supporters, the cycling team
        """),
        "thing": lines("""
            the match, the final, the goal, the penalty, the cup, the race, the title, the transfer, the season,
            the record, the gold medal, the free kick, the semi-final, the offside call, the third set, the relay,
            the league table, the first half, the training camp, the tie-break, the derby, the replay, the long jump,
            the corner, the knee injury, the world record, the last lap, the warm-up, the doping test, the stadium,
            the friendly, the play-offs, the time trial, the yellow card, the rematch, the hat-trick
        """),
        "subject": lines("""
            the cup final, transfers, the league table, injuries, penalties, the derby, doping tests, referees,
            the national team, ticket prices at the stadium, the play-offs, training methods, the Olympic team,
            the relegation battle, world records, the opening match, the marathon, tackles, the new coach, overtime
        """),
        "did": lines("""
            scored twice, won {thing}, lost {thing}, saved a penalty, trained for {thing}, broke the world record,
            missed an open goal, ran a marathon, signed for the club, was sent off, tore a muscle, lifted the trophy,
            watched {thing} from the bench, equalised, dropped out of {thing}, served an ace, beat the champions,
            jumped higher than ever, set a new best time, kicked the ball over the bar
        """),
        "place": lines("""
            in the stadium, on the pitch, in extra time, at the Olympics, on the track, in the changing room,
            on the bench, in the pool, at the training ground, on centre court, in the second half, on the last lap
        """),
    },
}

NEUTRAL = [
    line.strip()
    for line in """
    {when} {person} {said} that {thing} had been {how}
    {person} {did} {when}
    {group} {said} {when} that {mood}
    after {thing}, {person} {felt_was}
    {person} and {person} spoke about {thing} {place}
    for {group} {thing} came as a {how} surprise
    there was a {how} silence {place} when {person} {did}
    nobody {place} expected that {person} {did}
    {crowd} talked about {subject} {when}
    {group} will look again at {thing}
    why we must talk about {subject}
    {person} {did}, and {person} {did} as well
    if {person} is right, {thing} will change everything
    {how} news for {group}: {person} {did}
    what {person} {did} {place} surprised {crowd}
    {person}, who once {did}, now speaks for {group}
    a {how} day {place}
    two years after {thing}, {person} {did}
    {group} blamed {person} for {thing}
    five things to know about {subject}
    {place} {when}, {person} {did}
    {thing} was {how}, {said} {person}
    with {thing} behind them, {group} turned to {subject}
    {person} told reporters that {mood}, then {did}
    questions about {subject} followed {person} all week
    {group} thanked {person}, because {thing} had gone well
    it took {person} three hours to explain {thing}
    {crowd} waited {place} to hear about {thing}
    {person} left {group} {when}
    without {thing} there would be no {group_bare}, {said} {person}
    a letter about {subject} reached {group} {when}
    {group} celebrated {place} until midnight
    {person} has never been so {felt} about {thing}
    the trouble with {subject} is that {mood}
    {when} {group} replaced {person}
    {person} was late for {thing}
    once more {subject} divided {group}
    {person} {did} although {group} had warned against it
    the story of {person} who {did}
    {mood}, {said} {person} {place}
""".strip().splitlines()
]

OWN: dict[str, list[str]] = {
    "Education": [
        line.strip()
        for line in """
        {person} asked the pupils to open page [ten|forty|ninety]
        lessons begin at [eight|nine] and {thing} follows after the break
        children learn faster when {person} reads aloud
        the bell rang and {thing} was over
        {group} offers {thing} to anyone over sixteen
        every pupil of the [third|fourth|sixth] grade has to sit {thing}
        she wants to study [law|medicine|physics|history] after {thing}
        the marks for {thing} were the best in [ten|twenty] years
        parents may visit the lessons of {person}
        {person} wrote the answer on the blackboard
        grants for {subject} are paid each term
        to read and to write is what {group} teaches first
    """.strip().splitlines()
    ],
    "Finance": [
        line.strip()
        for line in """
        shares of {group} [rose|fell] by [two|three|seven] per cent
        the price fell after {person} {did}
        {group} expects a profit of [ten|forty|ninety] million this quarter
        [rising|falling] interest rates put pressure on {thing}
        savers should compare {thing} before they sign
        markets closed [higher|lower] as {person} spoke about {subject}
        the costs of {thing} exceeded the revenue
        {group} was bought for [two|five] billion
        for each share the owners receive [forty|sixty] cents
        cheap money made {thing} attractive
        {person} advised clients to sell
        analysts rated {group} a buy in spite of {thing}
    """.strip().splitlines()
    ],
    "Politics": [
        line.strip()
        for line in """
        voters go to the polls in [May|June|October] to decide on {thing}
        {person} refused to answer questions from the opposition
        a majority of [two|five|eleven] votes passed {thing}
        citizens demonstrated against {thing} {place}
        {person} was sworn in {when}
        [left|right] and centre agreed on {thing}
        the law on {subject} needs a majority in both houses
        talks between the two governments ended without {thing}
        {person} promised lower taxes before the election
        the polls see {group} ahead by [two|four] points
        critics call {thing} an attack on democracy
        under pressure from his party {person} {did}
    """.strip().splitlines()
    ],
    "Sports": [
        line.strip()
        for line in """
        the home side won [two|three|four] nil after {thing}
        in the [tenth|fortieth|last] minute {person} {did}
        {person} will miss [two|three|six] games with an injury
        {group} climbed to the top of the table
        a crowd of [ten|forty] thousand saw how {person} {did}
        the whistle blew before {person} could shoot
        {group} meets its old rival in the next round
        {person} finished second by a tenth of a second
        the ball hit the post and {group} groaned
        she won the [gold|silver|bronze] medal at her first games
        after the break {group} defended with ten players
        rain stopped play before {thing}
    """.strip().splitlines()
    ],
}

CONTRAST = [
    line.strip()
    for line in """
    {person} spoke not of {other_subject} but of {subject}
    not {other_subject} but {subject} [dominated|filled] the [evening|debate|week]
    {crowd} wanted to hear not about {other_thing} but about {thing}
    not {other_person} but {person} {did}
    it is not {other_group} but {group} that needs help
    instead of {other_thing}, {crowd} talked about {thing}
    instead of {other_subject}, {group} discussed {subject}
    {group} wrote about {subject} instead of {other_subject}
    {person} came instead of {other_person} and {did}
    {subject} rather than {other_subject} filled the front page
    rather than {other_thing}, {person} mentioned {thing}
    {crowd} chose {thing} rather than {other_thing}
    {when} {group} rather than {other_group} made the news
    forget {other_subject}, this week belongs to {group}
    forget {other_thing}, {thing} is what counts
    forget {other_person}, listen to {person}
    although {other_person} was invited, {person} spoke about {subject}
    although {other_thing} was on the agenda, {crowd} talked about {thing}
    although {crowd} had hoped for {other_subject}, there was {thing}
    less about {other_subject}, more about {subject}, {said} {person}
    more about {subject}, less about {other_subject}, {said} {person}
    more about {thing} and less about {other_thing} would please {crowd}
    it was {thing}, not {other_thing}, that made {group} nervous
    it was {person}, not {other_person}, who {did}
    {thing}, not {other_thing}, worries {crowd}
    {other_person} was there too, but the evening was about {thing}
    {other_subject} can wait, but {thing} cannot
    {person} used to be {other_person_bare} and now {did}
    {group} is run like {other_group}, {said} {person}, who {did}
    {person} {did} while {other_person} looked on
""".strip().splitlines()
]

AMBIGUOUS = [
    line.strip()
    for line in """
    {common_person} {said} that {common_thing} was {how}
    {when} {crowd} waited for {common_thing}
    {common_person} was {felt} about {common_thing}
    {mood}, {said} {common_person}
    {common_thing} came {when} and {mood}
    in the end {common_person} changed {common_thing}
    {crowd} argued about {common_thing} {when}
    another {how} week, another fight over {common_thing}
""".strip().splitlines()
]
