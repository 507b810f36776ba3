"""What a text does not want or cannot do, in both languages; and what only sounds like it."""

import pytest

from contracts.fit.refusals import sentences, told, wanted

UNWANTED = [
    ("Nous ne cherchons pas une agence.", "agence"),
    ("Nous ne voulons pas de TikTok.", "TikTok"),
    ("On ne veut plus d'Excel.", "Excel"),
    ("Je ne souhaite pas apprendre le SEO.", "SEO"),
    ("Nous n'avons pas besoin d'un site.", "site"),
    ("Nous n’avons pas besoin d’un CRM.", "CRM"),
    ("Pas de réseaux sociaux.", "réseaux"),
    ("Surtout pas de Facebook.", "Facebook"),
    ("Aucune formation à Excel.", "Excel"),
    ("Sans publicité.", "publicité"),
    ("Inutile de parler de cybersécurité.", "cybersécurité"),
    ("Pas question d'un chatbot.", "chatbot"),
    ("Hors de question de toucher au CRM.", "CRM"),
    ("Il ne s'agit pas de refaire le site.", "site"),
    ("Nous ne cherchons ni agence ni développeur.", "agence"),
    ("We do not want an agency.", "agency"),
    ("We don't need a website.", "website"),
    ("We aren’t looking for SEO.", "SEO"),
    ("We are not interested in podcasts.", "podcasts"),
    ("I do not want to learn TikTok.", "TikTok"),
    ("We won't need video.", "video"),
    ("No social media.", "social"),
    ("Not another chatbot, please.", "chatbot"),
    ("Nothing about TikTok.", "TikTok"),
    ("This is not about social media.", "social"),
]
PARTLY = [
    ("Former nos vendeurs au CRM, pas aux réseaux sociaux.", "CRM", "réseaux"),
    ("Un tableau de bord plutôt qu'un site internet.", "tableau", "site"),
    ("Apprendre LinkedIn au lieu de TikTok.", "LinkedIn", "TikTok"),
    ("Teach us Excel, not PowerPoint.", "Excel", "PowerPoint"),
    ("A newsletter rather than a website.", "newsletter", "website"),
    ("A dashboard instead of a report.", "dashboard", "report"),
    ("Nous cherchons une experte du CRM. Pas de TikTok.", "CRM", "TikTok"),
]
NEEDED = [
    "Nous n'avons pas de site.",
    "Nous n’avons aucun CRM.",
    "Nos équipes ne savent pas utiliser Excel.",
    "Aucun de nos vendeurs ne sait utiliser Excel.",
    "Nous ne publions jamais sur LinkedIn.",
    "Je ne comprends rien à l'IA générative.",
    "Personne ne tient notre page Facebook.",
    "Nous ne voulons plus perdre nos clients.",
    "Plus de visibilité sur LinkedIn.",
    "Pas à pas, apprendre Excel.",
    "Pas seulement Excel, aussi Power BI.",
    "Sans site, nous perdons des clients.",
    "Rien ne marche sur notre site.",
    "Un site sans code.",
    "We have no website.",
    "We don't have a CRM.",
    "We never post on LinkedIn.",
    "Our sales team cannot use a CRM.",
    "I do not know how to use TikTok.",
    "No one here understands SEO.",
    "Not only Excel but Power BI too.",
    "No-code tools for our shop.",
    "Never too late to learn Excel.",
    "Without a website we lose clients.",
    "We don't want to lose data: teach us backups.",
]
DISCLAIMED = [
    "Je ne fais plus de SEO.",
    "Je n'ai jamais pratiqué le SEO.",
    "Je n’ai jamais pratiqué le SEO.",
    "Ce n'est pas mon domaine, le SEO.",
    "Le SEO n'est plus mon métier.",
    "J'ai arrêté le SEO.",
    "J'ai quitté le SEO il y a deux ans.",
    "Je ne connais pas le SEO.",
    "Je n'y connais rien au SEO.",
    "Aucune expérience en SEO.",
    "Débutante en SEO.",
    "Je suis nulle en SEO.",
    "Le SEO, très peu pour moi.",
    "Ne comptez pas sur moi pour le SEO.",
    "Je laisse le SEO à d'autres.",
    "Elle ne pratique plus le SEO.",
    "I no longer do SEO.",
    "I have never done SEO.",
    "I've never touched SEO.",
    "I don’t do SEO.",
    "I can't do SEO.",
    "I gave up SEO.",
    "I'm not an SEO specialist.",
    "SEO is not my thing.",
    "SEO is not my field.",
    "I know nothing about SEO.",
    "No experience with SEO.",
    "I leave SEO to specialists.",
    "I hardly know SEO.",
    "He no longer does SEO.",
]
CLAIMED = [
    "Je ne fais que du SEO.",
    "Je n'ai pas peur des chiffres.",
    "Je n'utilise pas de jargon quand j'explique le SEO.",
    "Je ne me contente pas de publier, je mesure.",
    "Je n'ai pas de diplôme, mais dix ans de SEO.",
    "Il n'est jamais trop tard pour apprendre le SEO.",
    "Mes clientes ne m'appellent plus : elles font leur site seules.",
    "« Je n'ai jamais compris le SEO », me disent-ils avant.",
    "I never stop learning SEO.",
    "I do not just post, I measure.",
    "I don't use jargon when I teach SEO.",
    "I have no degree but ten years of SEO.",
    "I can't imagine a day without SEO.",
    'People who say "I never understood SEO" leave with a plan.',
]


@pytest.mark.parametrize(("text", "word"), UNWANTED)
def test_refused_subject_is_left_out(text, word):
    assert word in text
    assert word not in wanted(text)


@pytest.mark.parametrize(("text", "kept", "gone"), PARTLY)
def test_rest_of_a_sentence_that_refuses_stays(text, kept, gone):
    assert gone in text
    assert kept in wanted(text)
    assert gone not in wanted(text)


@pytest.mark.parametrize("text", NEEDED)
def test_lack_is_a_need(text):
    assert wanted(text) == text


@pytest.mark.parametrize("text", DISCLAIMED)
def test_disclaiming_sentence_is_no_claim(text):
    bio = told(f"Je tiens le CRM d'une coopérative. {text} J'anime des ateliers.")
    assert "SEO" not in bio.claims
    assert "SEO" in " ".join(bio.disclaims)
    assert bio.claims.startswith("Je tiens le CRM")
    assert bio.claims.endswith("J'anime des ateliers.")


@pytest.mark.parametrize("text", CLAIMED)
def test_negation_that_disclaims_nothing_is_a_claim(text):
    bio = told(text)
    assert bio.claims == text
    assert bio.disclaims == ()


def test_short_disclaimer_is_about_the_sentence_before_it():
    bio = told("I ran the podcast of a radio. I have not touched it since. I teach Excel.")
    assert bio.claims == "I teach Excel."
    assert bio.disclaims == ("I ran the podcast of a radio. I have not touched it since.",)


def test_text_without_sentences_says_nothing():
    assert sentences(" \n ") == []
    assert wanted("") == ""
    assert told("").claims == ""
