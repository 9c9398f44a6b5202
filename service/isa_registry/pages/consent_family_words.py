"""The words of the page for the family: purposes and kinds of information as a child of nine follows them, and as a
parent does who is tired too. A code that stands in neither keeps the law's own label."""

from __future__ import annotations

PURPOSES_PLAIN: dict[str, str] = {
    "early-help": "To give your family help early",
    "child-in-need": "To plan help for a child who needs it",
    "child-protection-enquiry": "To find out if a child is safe",
    "pre-birth": "To get ready for a baby and keep it safe",
    "harm-outside-the-home": "To keep a child safe from people outside the home",
    "missing-now": "To find a child who is missing",
    "missing-return-interview": "To talk with a child who has come back after going missing",
    "modern-slavery-referral": "To get help for somebody who may be made to work or do things against their will",
    "mappa": "To keep people safe from somebody who has done serious harm",
    "crime-prevention": "To stop crime or find out about it",
    "prevent-channel": "To offer support so that nobody is drawn into terrorism",
    "practice-review": "To learn how to keep children safer",
    "quality-assurance": "To check that help is good",
}

PURPOSES_FOR_A_CHILD: dict[str, str] = {
    "early-help": "To help your family before things get hard",
    "child-in-need": "To plan the help you need",
    "child-protection-enquiry": "To find out if you are safe",
    "pre-birth": "To get ready for a new baby",
    "harm-outside-the-home": "To keep you safe when you are out and online",
    "missing-now": "To find you if you are missing",
    "missing-return-interview": "To talk with you when you come back after going missing",
    "modern-slavery-referral": "To get help if someone makes you do bad things",
    "mappa": "To keep people safe from someone who may hurt them",
    "crime-prevention": "To stop people from breaking the law",
    "prevent-channel": "To help you if someone tries to fill you with hate",
    "practice-review": "To learn how to keep children safer",
    "quality-assurance": "To check that the help is good",
}

CATEGORIES_PLAIN: dict[str, str] = {
    "identity": "Name and date of birth",
    "contact": "Address, phone numbers and names used online",
    "family": "Who is in the family and who looks after the child",
    "ethnicity-faith": "Background, faith and language",
    "sexuality": "Who somebody loves or is drawn to",
    "education": "School and learning",
    "health": "Health, disability or pregnancy",
    "mental-health": "Feelings and mental health",
    "self-harm": "Hurting oneself, or thoughts of suicide",
    "sexual-health": "Sexual health",
    "substance-use": "Drugs and alcohol",
    "social-care": "Help from social workers, and the plans for it",
    "risk-assessment": "What we think the dangers are",
    "missing-episodes": "Times when a child was missing",
    "criminal-record": "Arrests, or what a court or the police decided",
    "intelligence": "What the police have heard",
    "weapons-violence": "Weapons and fights",
    "antisocial-behaviour": "Trouble with neighbours or in the street",
    "exploitation-network": "Who spends time with whom",
    "locations": "Places where a child goes",
    "vehicles-devices": "Cars, phones and accounts",
    "modern-slavery": "Being made to work or do things against one’s will",
    "immigration": "The right to stay in this country",
    "radicalisation": "Views that may lead to harm",
    "domestic-abuse": "Abuse at home",
    "housing": "Where somebody lives, and problems with housing",
    "photos-media": "Photos, films and recordings",
    "finance": "Money, benefits and debts",
    "professional-details": "Which workers help, and what they think",
    "voice-of-the-child": "What the child wishes and feels",
}

CATEGORIES_FOR_A_CHILD: dict[str, str] = {
    "identity": "Your name and your birthday",
    "contact": "Where you live, your phone and your names online",
    "family": "Who is in your family and who looks after you",
    "ethnicity-faith": "Where your family is from, what you believe and how you speak",
    "sexuality": "Who you like or love",
    "education": "How you get on at school",
    "health": "Your body and your health",
    "mental-health": "How you feel inside",
    "self-harm": "If you hurt yourself or feel you want to die",
    "sexual-health": "Health to do with sex",
    "substance-use": "Drugs and drink",
    "social-care": "Help from a social worker, and the plans for it",
    "risk-assessment": "What could hurt you",
    "missing-episodes": "Times when nobody knew where you were",
    "criminal-record": "Times when the police or a court dealt with you",
    "intelligence": "Things the police have heard",
    "weapons-violence": "Fights, knives and other weapons",
    "antisocial-behaviour": "Trouble in the street",
    "exploitation-network": "Who you spend time with",
    "locations": "Places where you go",
    "vehicles-devices": "Cars, phones and games you log in to",
    "modern-slavery": "If someone makes you do things you do not want to do",
    "immigration": "If your family may stay in this country",
    "radicalisation": "If someone fills you with hate",
    "domestic-abuse": "If someone gets hurt at home",
    "housing": "Your home",
    "photos-media": "Photos and films of you",
    "finance": "Your family’s money",
    "professional-details": "Who helps you, and what they think",
    "voice-of-the-child": "What you wish and how you feel",
}

ABOUT: dict[str, str] = {
    "child-with-capacity": "about you",
    "parental-responsibility": "about your child",
    "local-authority": "about the child",
    "expectant-mother": "about your baby who is not born yet",
    "adult-self": "about you",
    "appointed-for-adult": "about the person for whom you decide",
}
"""Whom it is about, as whoever answered calls them."""

SAID_FOR_A_CHILD: dict[str, str] = {
    "child-with-capacity": "You said {answer}",
    "parental-responsibility": "Your parent or carer said {answer} for you",
    "local-authority": "The council helps to look after you. It said {answer} for you",
}
